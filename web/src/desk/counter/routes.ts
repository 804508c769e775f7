/** The desks of clerks, hotline, inspectors and reviewers. */
import type { RouteRecordRaw } from 'vue-router'

const clerk = ['clerk']

export const routes: RouteRecordRaw[] = [
  { path: 'counter', component: () => import('./CounterPage.vue'), meta: { title: 'served.title', needs: clerk, nav: 'served.title', desk: true } },
  { path: 'counter/cases/:id/sign', component: () => import('./ReadBackPage.vue'), meta: { title: 'served.read.title', needs: clerk, desk: true }, props: true },
  { path: 'counter/cases/:id/pay', component: () => import('./CashPage.vue'), meta: { title: 'served.cash.title', needs: clerk, desk: true }, props: true },
  { path: 'counter/cases/:id/slip', component: () => import('./SlipPage.vue'), meta: { title: 'served.slip.title', needs: clerk, desk: true }, props: true },
  { path: 'till', component: () => import('./TillPage.vue'), meta: { title: 'served.till.title', needs: clerk, nav: 'served.till.title', desk: true } },
  { path: 'hotline', component: () => import('./HotlinePage.vue'), meta: { title: 'served.hotline.title', needs: ['hotline', 'clerk'], nav: 'served.hotline.title', desk: true } },
  { path: 'inspections', component: () => import('./InspectionsPage.vue'), meta: { title: 'served.inspections.title', needs: ['inspector', 'clerk'], nav: 'served.inspections.title', desk: true } },
  { path: 'reviews', component: () => import('./ReviewsPage.vue'), meta: { title: 'served.reviews.title', needs: ['reviewer'], nav: 'served.reviews.title', desk: true } },
  { path: 'reviews/:id', component: () => import('./ReviewPage.vue'), meta: { title: 'served.review.title', needs: ['reviewer'], desk: true }, props: true },
]
