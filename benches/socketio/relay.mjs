// A relay on Socket.IO, as `cargo bench -p webchat-benches --bench relay` drives it: what a visitor of a pair sends goes to its agent.
// Says `listening ADDRESS` and serves until it is killed.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
const agents = new Map();

io.on("connection", (socket) => {
  const { pair, side } = socket.handshake.query;
  if (side === "agent") {
    agents.set(pair, socket);
    return;
  }
  let number = 0;
  socket.on("typing", (chat, on) => agents.get(pair).emit("typing", chat, on));
  socket.on("write", (message, done) => {
    number += 1;
    const at = Date.now();
    const told = { chat: message.chat, number, at, author: { kind: "visitor" }, text: message.text };
    agents.get(pair).emit("message", told);
    socket.emit("message", { ...told, key: message.key });
    done({ number, at });
  });
});

http.listen(0, "127.0.0.1", () => console.log(`listening 127.0.0.1:${http.address().port}`));
