// The network of a page, which can be cut and mended. Runs before the tap: what it does, the network does.
(() => {
  let isCut = false;
  let isAttemptCut = false; // what an attempt falls back to is cut when its beginning was
  const open = new Set();
  const Native = WebSocket;
  const NOWHERE = "ws://127.0.0.1:9/?EIO=4"; // the discard port, without a listener

  function Line(url, protocols) {
    isAttemptCut = isCut;
    const args = [isCut ? NOWHERE : url, ...(protocols === undefined ? [] : [protocols])];
    const socket = Reflect.construct(Native, args, new.target === Line ? Native : new.target);
    open.add(socket);
    socket.addEventListener("close", () => open.delete(socket));
    return socket;
  }
  Line.prototype = Native.prototype;
  Object.setPrototypeOf(Line, Native);
  window.WebSocket = Line;

  const nativeOpen = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    const isNowhere = (isCut || isAttemptCut) && /[?&]EIO=/.test(url);
    return nativeOpen.call(this, method, isNowhere ? "http://127.0.0.1:9/?EIO=4" : url, ...rest);
  };

  Object.defineProperty(window, "__outage", {
    value: {
      cut() {
        isCut = true;
        const close = Native.prototype.close;
        for (const socket of open) close.call(socket);
      },
      mend() {
        isCut = false;
      },
    },
  });
})();
