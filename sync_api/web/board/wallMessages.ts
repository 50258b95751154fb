/** Words of the wall of lamps and of a lamp's history. */
const zh = {
  clock: '现在 {time}',
  history: {
    title: '近 12 个月的来历',
    strip: '{since} 至 {until} 的灯：{lights}',
    days: '{light} {count} 天',
    stretch: '{since} 至 {until}，{count} 天',
    keys: '用左右键看每一段',
    changes: '每次变化及缘由',
    since: '自 {since} 起',
    always: '一直没有变化',
    readings: '读数',
    chart: '{count} 次读数，最低 {least}，最高 {most}，最近 {day} 为 {last}',
    yellow: '黄线 {value}',
    red: '红线 {value}',
    earlier: '更早的 {count} 次',
  },
  choice: {
    title: '当前筛选',
    of: '哪些指标',
    everything: '全部指标',
    only: '只看{name}',
    watched: '只看关注',
    light: '有“{light}”灯的村',
    name: '名称含“{name}”',
    worst: '重的在前',
    drop: '去掉：{what}',
    whole: '显示全部',
  },
};

const en: typeof zh = {
  clock: 'now {time}',
  history: {
    title: 'The last 12 months',
    strip: 'The lamp from {since} to {until}: {lights}',
    days: '{light} for {count} days',
    stretch: '{since} to {until}, {count} days',
    keys: 'Left and right keys go from stretch to stretch',
    changes: 'Each change and why',
    since: 'since {since}',
    always: 'No change at all',
    readings: 'Readings',
    chart: '{count} readings, lowest {least}, highest {most}, the last, of {day}: {last}',
    yellow: 'yellow line {value}',
    red: 'red line {value}',
    earlier: '{count} earlier ones',
  },
  choice: {
    title: 'Shown only',
    of: 'Which indicators',
    everything: 'All indicators',
    only: 'Only {name}',
    watched: 'Watched only',
    light: 'with a lamp “{light}”',
    name: 'name has “{name}”',
    worst: 'Worst first',
    drop: 'Drop: {what}',
    whole: 'Show all',
  },
};

export const ofWall = { zh, en };
