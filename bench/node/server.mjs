// A server that passes each event on to five dashboards and acknowledges it; says its processor time between two marks.

import { createServer } from "node:http";
import { Server } from "socket.io";

const web = createServer();
const server = new Server(web, { serveClient: false });
let began;

server.on("connection", (socket) => {
  socket.on("watch", (done) => {
    socket.join("dashboards");
    done();
  });
  socket.on("publish", (event, done) => {
    server.to("dashboards").emit(event.type, event);
    done({ ok: true });
  });
  socket.on("begin", (done) => {
    began = process.cpuUsage();
    done();
  });
  socket.on("end", (done) => {
    const { user, system } = process.cpuUsage(began);
    done(user + system);
  });
});

web.listen(0, "127.0.0.1", () => console.log(web.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
