/** Words that both pages use. */
const zh = {
  app: '动态管理110',
  light: { g: '正常', s: '未报', y: '警示', r: '急需治理' },
  severity: { minor: '小问题', general: '一般问题', major: '重大问题' },
  simulated: '模拟数据 simulated',
  switch_language: 'English',
  login: {
    alias: '账号',
    password: '密码',
    submit: '登录',
    submitting: '正在登录…',
    no_network: '没有网络：登录需要连上网关。',
    failed: '登录没有成功：{reason}',
    log_out: '退出登录',
  },
  failure: { no_network: '连不上网关。', unexplained: '网关的回答不明。' },
  case: { opened_on: '发现于 {day}', due: '限期 {day}', overdue: '已逾期', none: '没有未了结的事项' },
  role: {
    informant: '信息员',
    administrator: '村级管理员',
    station: '管理站',
    county: '县区',
    department: '部门',
    city: '市',
    analyst: '分析员',
  },
  back: '返回',
};

const en: typeof zh = {
  app: 'Dynamic Management 110',
  light: { g: 'in order', s: 'silent', y: 'warning', r: 'needs action' },
  severity: { minor: 'Small', general: 'General', major: 'Major' },
  simulated: '模拟数据 simulated',
  switch_language: '中文',
  login: {
    alias: 'Account',
    password: 'Password',
    submit: 'Log in',
    submitting: 'Logging in…',
    no_network: 'No network: logging in needs the gateway.',
    failed: 'Log-in failed: {reason}',
    log_out: 'Log out',
  },
  failure: { no_network: 'The gateway cannot be reached.', unexplained: 'The gateway gave no clear answer.' },
  case: { opened_on: 'found {day}', due: 'due {day}', overdue: 'overdue', none: 'No open cases' },
  role: {
    informant: 'informant',
    administrator: 'village administrator',
    station: 'station',
    county: 'county',
    department: 'department',
    city: 'city',
    analyst: 'analyst',
  },
  back: 'Back',
};

export const shared = { zh, en };
