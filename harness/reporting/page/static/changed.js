// How much of a picture changed between before and after, and where: marked in cells over the later one.

const CELL = 12;
const STRONG = 24; // the sum of the differences of red, green and blue, below which nobody sees one

function pixels(image) {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** The share of pixels that differ, and the cells that they are in; null where the pictures are of two sizes. */
function changes(before, after) {
  if (before.width !== after.width || before.height !== after.height) return null;
  const cells = new Set();
  let count = 0;
  for (let at = 0; at < after.data.length; at += 4) {
    let difference = 0;
    for (let colour = 0; colour < 3; colour++) difference += Math.abs(after.data[at + colour] - before.data[at + colour]);
    if (difference < STRONG) continue;
    count++;
    const pixel = at / 4;
    cells.add(`${Math.floor((pixel % after.width) / CELL)},${Math.floor(Math.floor(pixel / after.width) / CELL)}`);
  }
  return { share: count / (after.width * after.height), cells };
}

function marks(cells, { width, height }) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.setAttribute("aria-hidden", "true");
  const context = canvas.getContext("2d");
  context.fillStyle = "rgb(220 0 0)"; // over a picture, whose colours are not this page's
  context.globalAlpha = 0.35;
  for (const cell of cells) {
    const [column, row] = cell.split(",").map(Number);
    context.fillRect(column * CELL, row * CELL, CELL, CELL);
  }
  return canvas;
}

async function tellChange(slider) {
  const said = slider.querySelector(".changed"), stack = slider.querySelector(".stack");
  const [before, after] = [slider.querySelector("img.before"), slider.querySelector("img.after")];
  await Promise.all([before.decode(), after.decode()]);
  const later = pixels(after), found = changes(pixels(before), later);
  said.hidden = false;
  if (found === null) said.textContent = "The pictures are of two sizes.";
  else if (found.cells.size === 0) said.textContent = "No visible difference between before and after.";
  else {
    const percent = found.share * 100;
    const box = document.createElement("input"), label = document.createElement("label");
    box.type = "checkbox";
    box.addEventListener("change", () => slider.classList.toggle("marked", box.checked));
    label.append(box, " mark it");
    said.append(`${percent < 0.1 ? "less than 0.1" : percent.toFixed(1)} % of the picture changed.`, label);
    stack.append(marks(found.cells, later));
  }
}

for (const slider of document.querySelectorAll(".slider")) tellChange(slider).catch(() => {}); // a picture that is broken
