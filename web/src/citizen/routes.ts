/** The citizen's pages around an application; `:id` is its number. */
import type { RouteRecordRaw } from 'vue-router'
import { routes as ofTickets } from './tickets/routes'

const needs = ['citizen']

const ofCase: [string, string, () => Promise<unknown>][] = [
  ['address', 'address.title', () => import('./AddressPage.vue')],
  ['wrong', 'wrong.title', () => import('./WrongPage.vue')],
  ['entries', 'entries.title', () => import('./EntriesPage.vue')],
  ['inspection', 'inspection.title', () => import('./InspectionPage.vue')],
  ['temporary-plate', 'temporary.title', () => import('./TemporaryPlatePage.vue')],
  ['withdraw', 'withdraw.title', () => import('./WithdrawPage.vue')],
]

const ofRights: [string, string, () => Promise<unknown>][] = [
  ['', 'rights.title', () => import('./rights/RightsPage.vue')],
  ['/accesses', 'rights.accesses', () => import('./rights/AccessesPage.vue')],
  ['/data', 'rights.data', () => import('./rights/DataPage.vue')],
  ['/consents', 'rights.consents', () => import('./rights/ConsentsPage.vue')],
  ['/powers', 'rights.powers', () => import('./rights/PowersPage.vue')],
  ['/requests', 'rights.requests', () => import('./rights/RequestsPage.vue')],
  ['/erasure', 'rights.erasure', () => import('./rights/ErasurePage.vue')],
]

export const routes: RouteRecordRaw[] = [
  ...ofCase.map(([path, title, component]) => ({
    path: `/applications/:id/${path}`, component: component as () => Promise<never>, meta: { title, needs }, props: true,
  })),
  ...ofRights.map(([path, title, component]) => ({
    path: `/rights${path}`, component: component as () => Promise<never>, meta: { title, needs, texts: ['rights'] },
  })),
  { path: '/vehicles/:vin', component: () => import('./LicencePage.vue'), meta: { title: 'licence.title', needs }, props: true },
  { path: '/vehicles/:vin/reissue', component: () => import('./ReissuePage.vue'), meta: { title: 'reissue.title', needs }, props: true },
  { path: '/counter', component: () => import('./CounterPage.vue'), meta: { title: 'counter.title' } },
  ...ofTickets,
  { path: '/before', component: () => import('./BeforePage.vue'), meta: { title: 'before.title' } },
]
