/** Figures of agencies and the city, what was given up, and checking what is in the ledger. */
import type { RouteRecordRaw } from 'vue-router'

const looks = ['operator', 'supervisor', 'audit_admin']

export const routes: RouteRecordRaw[] = [
  {
    path: 'scoreboard',
    component: () => import('./ScoreboardPage.vue'),
    meta: { title: 'figures.scoreboard.title', nav: 'figures.scoreboard.title', needs: looks },
  },
  {
    path: 'dashboard',
    component: () => import('./DashboardPage.vue'),
    meta: { title: 'figures.dashboard.title', nav: 'figures.dashboard.title', needs: looks },
  },
  {
    path: 'dead-letters',
    component: () => import('./DeadLettersPage.vue'),
    meta: { title: 'figures.dead.title', nav: 'figures.dead.title', needs: looks },
  },
  {
    path: 'audit',
    component: () => import('./AuditPage.vue'),
    meta: { title: 'figures.audit.title', nav: 'figures.audit.title', needs: ['supervisor', 'audit_admin'] },
  },
]
