// Relays messages between sockets, with socket.io. Says its port when it listens; collects garbage when told SIGUSR2.
'use strict';

const http = require('http');
const { Server } = require('socket.io');

const sockets = new Map();
const web = http.createServer();
const server = new Server(web, { transports: ['websocket'], serveClient: false });

server.on('connection', (socket) => {
  const { me } = socket.handshake.query;
  sockets.set(me, socket);
  socket.on('say', (to, text) => sockets.get(to)?.emit('message', me, text));
  socket.on('disconnect', () => sockets.delete(me));
});
web.listen(0, '127.0.0.1', () => console.log(web.address().port));
process.on('SIGUSR2', () => global.gc());
