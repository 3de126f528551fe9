// What stands for a Worker where a page was opened from a file: the same script in a frame of its own.
if (location.protocol === "file:")
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      const inside = frame.contentWindow;
      inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      inside.importScripts = (...addresses) => addresses.reduce((before, each) => before.then(() => load(each)), Promise.resolve());
      const load = (each) => new Promise((done, failed) => {
        const script = inside.document.createElement("script");
        Object.assign(script, { src: each, onload: done, onerror: failed });
        inside.document.body.append(script);
      });
      this.inside = inside;
      this.ready = load(new URL(address, location.href).href);
    }

    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data })));
    }

    terminate() {
      this.inside.frameElement.remove();
    }
  };
