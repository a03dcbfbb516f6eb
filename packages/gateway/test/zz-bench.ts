import { startGateway } from '@anyseries/gateway';
const p = { id:'e', title:'Echo', credentials:{fields:['key','secret'], add: async (g)=>g },
 claim: ({target,headers})=> target.startsWith('/v1/')?{known:true,credentials:headers.get('authorization')!==null,host:false,fallback:false}:undefined,
 createServer: () => ({ fetch: async (r, c) => { JSON.parse(await r.text()); r.headers.get('authorization'); return process.argv[2]==='json' ? new Response('{"a":1}',{headers:{'content-type':'application/json'}}) : new Response(null); } }) };
const g = await startGateway({ store: 'memory:', port: 0, protocols: [p], log: {level:'warn'} });
console.log(new URL(g.url).port);
let base = process.cpuUsage();
process.on('SIGUSR2', () => { base = process.cpuUsage(); });
process.on('SIGTERM', () => { const u = process.cpuUsage(base); console.error('cpu us/request', ((u.user + u.system) / +(process.env.N ?? 60000)).toFixed(1)); process.exit(); });
