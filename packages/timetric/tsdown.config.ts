import { build } from '../../tooling/tsdown.ts';

export default build('src/index.ts', 'src/server.ts');
