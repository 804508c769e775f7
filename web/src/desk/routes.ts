/** The pages of staff: each folder here is one desk with its own pages and words. */
import type { RouteRecordRaw } from 'vue-router'

const desks = import.meta.glob<{ routes: RouteRecordRaw[] }>('./*/routes.ts', { eager: true })

/** All pages of all desks, in the order of the side navigation. */
export const pages: RouteRecordRaw[] = Object.keys(desks)
  .sort()
  .flatMap((path) => desks[path]?.routes ?? [])

export const routes: RouteRecordRaw[] = [
  {
    path: '/desk/sign-in',
    component: () => import('@/sandbox/StaffSignInPage.vue'),
    meta: { title: 'desk.signIn.title', desk: true },
  },
  {
    path: '/desk',
    component: () => import('./DeskFrame.vue'),
    meta: { title: 'desk.title', desk: true },
    children: [
      {
        path: '',
        component: () => import('./DeskHome.vue'),
        meta: { title: 'desk.title', needs: [] },
      },
      ...pages,
    ],
  },
]
