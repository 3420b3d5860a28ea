// Ways of combining the gradients of up to three tasks in a plane: rows [[x, y], ...] -> [x, y]. Pure functions.
// In a plane each is exact: a closed form, or the best of a few candidates; Nash-MTL and FairGrad take Newton steps in
// two variables. A row of zeros is left out. tests/book/test_two_gradients.py compares them with mtl_tutor.balancing.

const inner = (a, b) => a[0] * b[0] + a[1] * b[1];
const turned = (a, b) => a[0] * b[1] - a[1] * b[0];    // positive if b lies counterclockwise of a
const scaled = (a, k) => [a[0] * k, a[1] * k];
const plus = (a, b, k = 1) => [a[0] + k * b[0], a[1] + k * b[1]];
const norm = (a) => Math.hypot(a[0], a[1]);
const unit = (a) => scaled(a, 1 / norm(a));
const sumOf = (rows) => rows.reduce((total, g) => plus(total, g), [0, 0]);
const best = (points, value) => points.reduce((one, other) => (value(other) > value(one) ? other : one));

// Symmetric 2 x 2 matrices are [xx, xy, yy].
const squares = (rows, weights) => rows.reduce((m, g, i) => {
  const w = weights ? weights[i] : 1;
  return [m[0] + w * g[0] * g[0], m[1] + w * g[0] * g[1], m[2] + w * g[1] * g[1]];
}, [0, 0, 0]);
const applied = ([a, b, c], x) => [a * x[0] + b * x[1], b * x[0] + c * x[1]];
function areaOf(rows) {                                // the determinant of squares(rows), without cancellation
  let area = 0;
  for (let i = 0; i < rows.length; i++) for (let j = 0; j < i; j++) area += turned(rows[i], rows[j]) ** 2;
  return area;
}
function inverse([a, b, c], det) {                     // of a matrix of rank 1: its pseudo-inverse
  const trace = a + c;
  return det > 1e-20 * trace ** 2 ? [c / det, -b / det, a / det] : [a / trace ** 2, b / trace ** 2, c / trace ** 2];
}

function shortest(rows) {                              // the point of the rows' convex hull that is nearest to zero
  const ends = rows.slice();
  for (let i = 0; i < rows.length; i++) for (let j = 0; j < i; j++) {
    const side = plus(rows[j], rows[i], -1), square = inner(side, side), t = square > 0 ? -inner(rows[i], side) / square : 0;
    if (t > 0 && t < 1) ends.push(scaled([-side[1], side[0]], turned(side, rows[i]) / square));
  }
  if (rows.length === 3) {
    const turns = rows.map((g, i) => turned(g, rows[(i + 1) % 3]));
    if (turns.every((v) => v > 0) || turns.every((v) => v < 0)) return [0, 0];
  }
  return best(ends, (d) => -inner(d, d));
}

function projected(g, rows) {                          // the nearest point at which no row is opposed
  const size = norm(g), allows = (d) => rows.every((h) => inner(h, d) >= -1e-12 * norm(h) * size);
  if (allows(g)) return g;
  const edges = rows.map((h) => plus(g, h, -inner(g, h) / inner(h, h))).filter(allows);
  return best([[0, 0], ...edges], (d) => -norm(plus(d, g, -1)));
}

function equalCosines(rows) {                          // [x, the matrix that made it, units]: x is as long along every unit row, if it can be
  const units = rows.map(unit), matrix = inverse(squares(units), areaOf(units));
  return [applied(matrix, sumOf(units)), matrix, units];
}

function fair(rows, alpha) {                           // d = sum of w g with w = (g . d)^-alpha: damped Newton steps
  const middle = shortest(rows.map(unit)), length = norm(middle);
  if (length < 1e-9) return [0, 0];                    // no direction in which no task loses
  const size = Math.max(...rows.map(norm)), small = rows.map((g) => scaled(g, 1 / size));
  const cost = (d) => {
    const gains = small.map((g) => inner(g, d));
    if (gains.some((t) => !(t > 0))) return Infinity;
    return inner(d, d) / 2 - gains.reduce((total, t) => total + (alpha === 1 ? Math.log(t) : t ** (1 - alpha) / (1 - alpha)), 0);
  };
  const pull = small.reduce((total, g) => total + inner(g, middle) ** (1 - alpha), 0);
  let d = scaled(middle, (pull / length ** 2) ** (1 / (1 + alpha)));
  for (let i = 0; i < 100; i++) {
    const gains = small.map((g) => inner(g, d)), slope = small.reduce((total, g, k) => plus(total, g, -(gains[k] ** -alpha)), d);
    const [a, b, c] = squares(small, gains.map((t) => alpha * t ** (-alpha - 1))), det = (a + 1) * (c + 1) - b * b;
    const step = [((c + 1) * slope[0] - b * slope[1]) / det, ((a + 1) * slope[1] - b * slope[0]) / det], now = cost(d);
    let k = 1;
    while (k > 1e-9 && !(cost(plus(d, step, -k)) <= now + 1e-15 * Math.abs(now))) k /= 2;
    if (k <= 1e-9 || norm(step) <= 1e-15 * norm(d)) break;
    d = plus(d, step, -k);
  }
  return scaled(d, size ** ((1 - alpha) / (1 + alpha)));
}

function inBall(rows, c) {                             // CAGrad: the slowest task falls as fast as it can, near the mean gradient
  const mean = scaled(sumOf(rows), 1 / rows.length), radius = c * norm(mean);
  if (radius === 0) return mean;
  const found = rows.map((g) => plus(mean, unit(g), radius));
  for (let i = 0; i < rows.length; i++) for (let j = 0; j < i; j++) {
    const side = plus(rows[i], rows[j], -1);
    if (norm(side) === 0) continue;
    const across = unit(side), off = inner(across, mean), along = Math.sqrt(radius ** 2 - off ** 2);
    if (Number.isFinite(along)) for (const sign of [1, -1]) found.push(plus(plus(mean, across, -off), [-across[1], across[0]], sign * along));
  }
  if (rows.every((g) => inner(g, mean) === inner(rows[0], mean))) found.push(mean);
  return best(found, (d) => Math.min(...rows.map((g) => inner(g, d))));
}

function withoutConflicts(rows) {                      // PCGrad's projected gradient of each task, the mean over all orders of the others
  const against = (g, h) => plus(g, h, -Math.min(inner(g, h), 0) / inner(h, h));
  return rows.map((g, i) => {
    const others = rows.filter((_, j) => j !== i), orders = others.length < 2 ? [others] : [others, [...others].reverse()];
    return scaled(sumOf(orders.map((order) => order.reduce(against, g))), 1 / orders.length);
  });
}

function aligned(rows) {                               // Aligned-MTL: all singular values become the smallest that isn't zero
  const [a, b, c] = squares(rows), det = areaOf(rows), trace = a + c, mean = scaled(sumOf(rows), 1 / rows.length);
  if (det <= 1e-20 * trace ** 2) return mean;
  const root = Math.sqrt(det), long = Math.sqrt(trace + 2 * root);     // long: the sum of the two singular values
  const largest = (long + Math.sqrt(Math.max(trace - 2 * root, 0))) / 2, smallest = root / largest;
  return scaled(applied([c + root, -b, a + root], mean), smallest / (long * root));
}

const METHODS = {
  sum: sumOf,
  pcgrad: (rows) => sumOf(withoutConflicts(rows)),
  mgda: shortest,
  cagrad: (rows) => inBall(rows, 0.5),
  imtl_g(rows) {
    const [x, matrix, units] = equalCosines(rows);
    if (units.some((u) => Math.abs(inner(u, x) - 1) > 1e-6)) return [0, 0];       // three tasks in a plane: only zero is as long along each
    const inside = applied(matrix, x), share = rows.reduce((total, g, i) => total + inner(units[i], inside) / norm(g), 0);
    return scaled(x, 1 / share);
  },
  nash: (rows) => fair(rows.map(unit), 1),             // the rows' lengths don't change it
  aligned,
  upgrad: (rows) => scaled(sumOf(rows.map((g) => projected(g, rows))), 1 / rows.length),
  fairgrad: (rows) => fair(rows, 2),
  config(rows) {
    const [x] = equalCosines(rows), length = norm(x);
    if (length < 1e-12) return [0, 0];
    const along = scaled(x, 1 / length);
    return scaled(along, inner(sumOf(rows), along));
  },
};

function combine(name, jacobian) {
  const rows = jacobian.filter((g) => norm(g) > 0);
  return rows.length ? METHODS[name](rows) : [0, 0];
}
