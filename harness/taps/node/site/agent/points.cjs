// Where in the libraries the agent looks: a call beside the library's own code, in the methods that do the work.
//
// A call stands at the end of a line that is there anyway, so no line and no column of the library moves, and it has
// returned before the library goes on, so no frame of the agent is ever on the stack under the program's own code.
// `$1`, `$2` are the method's parameters, by whatever names. Checked with socket.io and socket.io-client 3.0 to 4.8.
"use strict";

const enter = (hook, of, method, call, more) => ({ hook, of, method, at: "enter", call, ...more });
const leave = (hook, of, method, call, more) => ({ hook, of, method, at: "leave", call, ...more });
const after = (hook, of, method, line, call, more) => ({ hook, of, method, at: "after", line, call, ...more });
const OPTIONAL = { optional: true }; // not in every release

const SERVER_SOCKET = [
  enter("receive", "Socket", "onevent", "received(this,$1)"),
  after("trigger", "Socket", "dispatch", /process\.nextTick\(\(\) => \{/, "dispatching(this,event,err)"),
  after("trigger", "Socket", "dispatch", /super\.emit\w*\.apply\(this, event\);/, "dispatched(this)"),
  enter("answer", "Socket", "packet", "sending(this,$1,$2)"),
  leave("answer", "Socket", "packet", "sent(this,$1)"),
  enter("disconnect", "Socket", "_onclose", "closing(this,$1)"),
  enter("gates", "Socket", "use", "gating(this)", OPTIONAL),
  after("gates", "Socket", "run", /fns\[i\]\(event, \(err\) => \{/, "checked(event,i)", OPTIONAL),
  after("in_flight", null, null, /^exports\.Socket = Socket;/, "handlers(Socket)"),
];

const SERVER_CLIENT = [
  enter("fence", "Client", "connect", "fence(this,$1)", { test: true }),
  enter("receive", "Client", "ondata", "data($1)"),
  enter("receive", "Client", "ondecoded", "decoded($1)"),
  enter("recipients", "Client", "_packet", "writing(this,$1,$2)"),
  enter("recipients", "Client", "writeToEngine", "writing(this,$1,$2)", OPTIONAL),
];

const ADAPTER = [
  enter("route", "Adapter", "broadcast", "routing(this,$1,$2)"),
  leave("route", "Adapter", "broadcast", "routed(this)"),
  enter("route", "Adapter", "broadcastWithAck", "routing(this,$1,$2)", OPTIONAL),
  leave("route", "Adapter", "broadcastWithAck", "routed(this)", OPTIONAL),
  enter("rooms", "Adapter", "addAll", "joining(this,$1,$2)"),
  enter("rooms", "Adapter", "del", "leaving(this,$1,$2)"),
  enter("rooms", "Adapter", "delAll", "leavingAll(this,$1)"),
  enter("publish", "SessionAwareAdapter", "broadcast", "publishing(this,$1,$2)", OPTIONAL),
];

/** Adapters that pass events on to other processes: each has a `broadcast` of its own in front of the local one. */
const CLUSTER = [
  enter("publish", "ClusterAdapter", "broadcast", "publishing(this,$1,$2)", OPTIONAL),
  enter("publish", "RedisAdapter", "broadcast", "publishing(this,$1,$2)", OPTIONAL),
  enter("publish", "ShardedRedisAdapter", "broadcast", "publishing(this,$1,$2)", OPTIONAL),
  enter("publish", "MongoAdapter", "broadcast", "publishing(this,$1,$2)", OPTIONAL),
  after(
    "publish",
    "RedisAdapter",
    "onmessage",
    /if \(room !== "" && !this\.hasRoom\(room\)\) \{/,
    "ignoring(this,msg)",
    OPTIONAL,
  ),
  enter("publish", "ClusterAdapter", "addOffsetIfNecessary", "adding($1)", OPTIONAL),
  enter("publish", "MongoAdapter", "addOffsetIfNecessary", "adding($1)", OPTIONAL),
];

const ENGINE = [
  after(
    "refusal",
    null,
    null,
    /^ +if \(errorCode(?: !== undefined)?\) \{$/,
    "refusing(req,errorCode,errorContext)",
    OPTIONAL,
  ),
  after("refusal", null, null, /^ +if \(protocol === 3 && !this\.opts\.allowEIO3\) \{$/, "refusing(req,5)", OPTIONAL),
];

const NAMESPACE = [
  enter("gates", "Namespace", "use", "gating(this)", OPTIONAL),
  enter("gates", "Namespace", "run", "entering(this,$1)", OPTIONAL),
  after("gates", "Namespace", "run", /fns\[i\]\(socket, \(err\) => \{/, "passing(socket,i,err)", OPTIONAL),
];

const CLIENT_SOCKET = [
  enter("send", "Socket", "packet", "sending(this,$1)"),
  after("send", "Socket", "emit", /this\.sendBuffer\.push\(packet\);/, "buffered(this,packet)"),
  after("send", "Socket", "emit", /if \(discardPacket\) \{/, "discarded(this,packet)"),
  after("send", "Socket", "_addToQueue", /this\._queue\.push\(packet\);/, "queued(packet)", OPTIONAL),
  enter("ack", "Socket", "onack", "acknowledged(this,$1)"),
  enter("client_connected", "Socket", "onconnect", "connected(this)"),
  enter("client_disconnected", "Socket", "onclose", "closed(this,$1)"),
  enter("client_refused", "Socket", "onpacket", "packet(this,$1)"),
  enter("client_refused", "Socket", "onerror", "failed(this,$1)", OPTIONAL),
];

/**
 * Releases that speak Engine.IO 3, up to socket.io 2: that they are loaded is all that is told of them.
 */
const UNREAD = [
  { path: /[\\/]socket\.io[\\/]lib[\\/]index\.js$/, unread: "socket.io" },
  { path: /[\\/]socket\.io-client[\\/]lib[\\/]index\.js$/, unread: "socket.io-client" },
];

/**
 * Files of the libraries: where they are, what makes sure of it, which part of the agent is told, and the points.
 * `names`: the version of its package is the one that is told.
 */
const FILES = [
  { path: /[\\/]socket\.io[\\/]dist[\\/]socket\.js$/, has: "class Socket ", part: "server", points: SERVER_SOCKET },
  { path: /[\\/]socket\.io[\\/]dist[\\/]client\.js$/, has: "class Client ", part: "server", points: SERVER_CLIENT },
  {
    path: /[\\/]socket\.io[\\/]dist[\\/]index\.js$/,
    has: "class Server ",
    part: "server",
    names: true,
    points: [enter("served", "Server", "onconnection", "serving(this)")],
  },
  { path: /[\\/]socket\.io[\\/]dist[\\/]namespace\.js$/, has: "class Namespace ", part: "server", points: NAMESPACE },
  {
    path: /[\\/]socket\.io[\\/]dist[\\/]namespace\.js$/,
    has: "class Namespace ",
    part: "server",
    points: [enter("admit", "Namespace", "run", "admitting(this,$1)", OPTIONAL)],
  },
  {
    path: /[\\/]socket\.io[\\/]dist[\\/]typed-events\.js$/,
    has: "class StrictEventEmitter ",
    part: "server",
    points: [enter("late_handler", "StrictEventEmitter", "on", "listening(this,$1,$2)")],
  },
  {
    path: /[\\/]socket\.io-adapter[\\/]dist[\\/](?:cjs[\\/])?(?:index|in-memory-adapter)\.js$/,
    has: "class Adapter ",
    part: "server",
    points: ADAPTER,
  },
  {
    path: /[\\/](?:socket\.io-adapter|@socket\.io[\\/][\w-]+-adapter)[\\/]dist[\\/].*\.js$/,
    has: "Adapter extends ",
    part: "server",
    points: CLUSTER,
  },
  {
    path: /[\\/]@socket\.io[\\/]redis-emitter[\\/]dist[\\/]index\.js$/,
    has: "class BroadcastOperator ",
    part: "server",
    points: [
      after(
        "publish",
        "BroadcastOperator",
        "emit",
        /this\.redisClient\.publish\(channel, msg\);/,
        "emitting(this,packet,opts)",
        OPTIONAL,
      ),
    ],
  },
  { path: /[\\/]engine\.io[\\/](?:build|lib)[\\/]server\.js$/, has: "class ", part: "server", points: ENGINE },
  {
    path: /[\\/]socket\.io-client[\\/]build[\\/](?:(?:cjs|esm|esm-debug)[\\/])?socket\.js$/,
    has: "class Socket ",
    part: "client",
    names: true,
    points: CLIENT_SOCKET,
  },
  ...UNREAD,
];

module.exports = { FILES };
