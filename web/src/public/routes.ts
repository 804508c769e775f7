/** Pages that everybody may see without signing in. */
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/figures',
    component: () => import('./FiguresPage.vue'),
    meta: { title: 'figures.public.title', texts: ['figures'] },
  },
]
