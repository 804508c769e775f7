/** The charts library, as much of it as is used: fetched only by pages that draw. */
import { BarChart, LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent } from 'echarts/components'
import { init, use, type ComposeOption } from 'echarts/core'
import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts'
import type { AriaComponentOption, GridComponentOption, LegendComponentOption } from 'echarts/components'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, SVGRenderer])

export type Option = ComposeOption<
  BarSeriesOption | LineSeriesOption | AriaComponentOption | GridComponentOption | LegendComponentOption
>

export interface Drawn {
  show: (option: Option) => void
  resize: () => void
  end: () => void
}

/** A chart in an element, as SVG; its size follows the element's when told. */
export function draw(into: HTMLElement): Drawn {
  const chart = init(into, null, { renderer: 'svg' })
  return {
    show: (option) => chart.setOption(option, true),
    resize: () => chart.resize(),
    end: () => chart.dispose(),
  }
}
