/** The desk of operators: machines, what is stuck or late, and what waits for a second person. */
import type { RouteRecordRaw } from 'vue-router'

const needs = ['operator', 'supervisor']

export const routes: RouteRecordRaw[] = [
  { path: 'machines', component: () => import('./MachinesPage.vue'), meta: { title: 'operate.machines.title', nav: 'operate.machines.nav', needs } },
  { path: 'queues', component: () => import('./QueuesPage.vue'), meta: { title: 'operate.queues.title', nav: 'operate.queues.nav', needs } },
  { path: 'proposals', component: () => import('./ProposalsPage.vue'), meta: { title: 'operate.proposals.title', nav: 'operate.proposals.nav', needs } },
  { path: 'machines/:id', component: () => import('./CasePage.vue'), meta: { title: 'operate.case.title', needs }, props: true },
]
