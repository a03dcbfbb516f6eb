import { isChosen, openTampered } from './tamper.ts';

export const open = () =>
  openTampered((point, query) => (isChosen(point, query) ? { ...point, value: Number(point.value) + 1e-9 } : point));
