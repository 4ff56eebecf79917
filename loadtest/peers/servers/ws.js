// Relays JSON messages between sockets, with ws. Says its port when it listens; collects garbage when told SIGUSR2.
'use strict';

const { WebSocketServer } = require('ws');

const sockets = new Map();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

server.on('connection', (socket, request) => {
  const me = new URL(request.url, 'http://localhost').searchParams.get('me');
  sockets.set(me, socket);
  socket.on('message', (data) => {
    const { to, text } = JSON.parse(data);
    sockets.get(to)?.send(JSON.stringify({ from: me, text }));
  });
  socket.on('close', () => sockets.delete(me));
});
server.on('listening', () => console.log(server.address().port));
process.on('SIGUSR2', () => global.gc());
