/** Asking and complaining: my list, a new one, and one with its answers. */
import type { RouteRecordRaw } from 'vue-router'

const needs = ['citizen']
const texts = ['tickets']

export const routes: RouteRecordRaw[] = [
  { path: '/ask', component: () => import('./TicketsPage.vue'), meta: { title: 'tickets.title', needs, texts } },
  { path: '/ask/new', component: () => import('./NewTicketPage.vue'), meta: { title: 'tickets.new.title', needs, texts } },
  { path: '/ask/:ticket', component: () => import('./TicketPage.vue'), meta: { title: 'tickets.one', needs, texts }, props: true },
]
