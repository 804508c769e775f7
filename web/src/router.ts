import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { i18n } from '@/texts'
import { session } from '@/session'

/** `title` is a key of the texts; `needs` the roles of which one is asked for, none for a public page. */
declare module 'vue-router' {
  interface RouteMeta {
    title: string
    needs?: string[]
  }
}

const citizen = ['citizen']

const routes: RouteRecordRaw[] = [
  { path: '/', component: () => import('@/citizen/HomePage.vue'), meta: { title: 'home.title' } },
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

router.beforeEach((to) => {
  const needs = to.meta.needs
  if (needs && !needs.some((role) => session.value?.roles.includes(role))) {
    return { path: '/sign-in', query: { next: to.fullPath } }
  }
  return true
})

router.afterEach((to) => {
  const t = i18n.global.t
  document.title = `${t(to.meta.title)} · ${t('brand')}`
})
