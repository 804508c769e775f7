/** The desk of questions and complaints. */
import type { RouteRecordRaw } from 'vue-router'

const needs = ['clerk', 'hotline', 'operator', 'supervisor', 'audit_admin']

export const routes: RouteRecordRaw[] = [
  { path: 'tickets', component: () => import('./QueuePage.vue'), meta: { title: 'tickets.desk.title', nav: 'tickets.desk.nav', needs } },
  { path: 'tickets/take-in', component: () => import('./TakeInPage.vue'), meta: { title: 'tickets.desk.in.title', nav: 'tickets.desk.takeIn', needs: ['clerk', 'hotline', 'supervisor'] } },
  { path: 'tickets/figures', component: () => import('./FiguresPage.vue'), meta: { title: 'tickets.desk.rates.title', nav: 'tickets.desk.figures', needs: ['operator', 'supervisor'] } },
  { path: 'tickets/:ticket', component: () => import('./TicketPage.vue'), meta: { title: 'tickets.one', needs }, props: true },
]
