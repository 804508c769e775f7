import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import HomePage from '@/citizen/HomePage.vue'
import { routes as ofCitizens } from '@/citizen/routes'
import { routes as desks } from '@/desk/routes'
import { routes as ofEverybody } from '@/public/routes'
import { isStaff, session } from '@/session'
import { AREAS, fetchTexts, i18n } from '@/texts'
import { serving } from '@/use/serving'

declare module 'vue-router' {
  interface RouteMeta {
    /** A key of the texts. */
    title: string
    /** The roles of which one is asked for; an empty list asks for anybody signed in. */
    needs?: string[]
    /** A key of the texts under which the side navigation of the desk lists the page. */
    nav?: string
    /** Areas of texts that the page says; a desk has them all. */
    texts?: string[]
    desk?: boolean
  }
}

const citizen = ['citizen']

const routes: RouteRecordRaw[] = [
  { path: '/', component: HomePage, meta: { title: 'home.title' } },
  {
    path: '/services/:service',
    component: () => import('@/citizen/ServicePage.vue'),
    meta: { title: 'service.title' },
    props: true,
  },
  {
    path: '/check',
    component: () => import('@/citizen/CheckPage.vue'),
    meta: { title: 'check.title' },
  },
  {
    path: '/sign-in',
    component: () => import('@/sandbox/SignInPage.vue'),
    meta: { title: 'signIn.title' },
  },
  {
    path: '/cars',
    component: () => import('@/citizen/CarsPage.vue'),
    meta: { title: 'cars.title', needs: citizen },
  },
  {
    path: '/applications',
    component: () => import('@/citizen/ApplicationsPage.vue'),
    meta: { title: 'applications.title', needs: citizen },
  },
  {
    path: '/applications/:id',
    component: () => import('@/citizen/CasePage.vue'),
    meta: { title: 'case.title', needs: citizen },
    props: true,
  },
  {
    path: '/applications/:id/sign',
    component: () => import('@/citizen/SignPage.vue'),
    meta: { title: 'sign.title', needs: citizen },
    props: true,
  },
  {
    path: '/applications/:id/number',
    component: () => import('@/citizen/NumberPage.vue'),
    meta: { title: 'number.title', needs: citizen },
    props: true,
  },
  {
    path: '/applications/:id/pay',
    component: () => import('@/citizen/PayPage.vue'),
    meta: { title: 'pay.title', needs: citizen },
    props: true,
  },
  {
    path: '/messages',
    component: () => import('@/citizen/MessagesPage.vue'),
    meta: { title: 'messages.title', needs: citizen },
  },
  {
    path: '/vehicles',
    component: () => import('@/citizen/VehiclesPage.vue'),
    meta: { title: 'vehicles.title', needs: citizen },
  },
  ...ofCitizens,
  ...ofEverybody,
  ...desks,
  {
    path: '/:rest(.*)*',
    component: () => import('@/citizen/NotFoundPage.vue'),
    meta: { title: 'notFound.title' },
  },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (_to, _from, kept) => kept ?? { top: 0 },
})

// What is done at a desk otherwise than on a phone: read back and signed by hand, paid in cash.
const AT_THE_DESK = /^\/applications\/(app_[0-9A-Z]{26})\/(sign|pay)$/

router.beforeEach(async (to) => {
  // Who serves somebody at the counter opens the citizen's own pages for them.
  const served = isStaff.value && serving.value !== null
  await fetchTexts(to.meta.desk ? AREAS : [...(to.meta.texts ?? []), ...(served ? ['served'] : [])])
  const at = served ? AT_THE_DESK.exec(to.path) : null
  if (at) return `/desk/counter/cases/${at[1]}/${at[2]}`
  const needs = to.meta.needs
  if (served && needs?.includes('citizen')) return true
  const known = session.value?.roles
  const may = !needs || (known && (!needs.length || needs.some((role) => known.includes(role))))
  if (may) return true
  return { path: to.meta.desk ? '/desk/sign-in' : '/sign-in', query: { next: to.fullPath } }
})

router.afterEach((to) => {
  const t = i18n.global.t
  document.title = `${t(to.meta.title)} · ${t('brand')}`
})
