// For tests under Node: `shared/` and `vendor/` are served below `/console/`, but lie beside it.

import { register } from 'node:module';

register(`data:text/javascript,${encodeURIComponent(`
  export const resolve = (name, context, next) => {
    const url = /^\\.\\.?\\//.test(name) ? new URL(name, context.parentURL).href : name;
    return next(url.replace(/\\/console\\/console\\/(shared|vendor)\\//, '/console/$1/'), context);
  };
`)}`);
