// A frame of the page's own origin: what passes its connections is the page's. Its document is not looked at.

const joinFromFrame = (handle) => {
  let page;
  try {
    page = window.top[handle];
  } catch {
    return; // a page of another origin
  }
  if (page === undefined) return;
  const side = makeSide((fields) => realm.took(fields));
  const realm = page.join(performance.timeOrigin, side.answer);
  void side.follow((state) => realm.stands(state));
  addEventListener("pagehide", () => realm.left("its frame was taken away"));
};
