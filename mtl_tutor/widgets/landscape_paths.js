// Two losses of two parameters, and the paths of balancing methods down them, in double precision. balancing_methods.js
// stands before this text. tests/book/test_landscapes.py compares all of it with NumPy and with mtl_tutor.training.

const FLOOR = 5e-6, SIDE = Math.SQRT1_2;
const valley = (v) => [Math.log(Math.max(Math.abs(v), FLOOR)), Math.abs(v) < FLOOR ? 0 : 1 / v];      // and its slope
const sech2 = (b) => 1 - Math.tanh(b) ** 2;

// Each: [both losses, both gradients] at a point (a, b); its view, its Pareto set, and the range of its losses.
const LANDSCAPES = {
  pcgrad: {
    at([a, b]) {
      const bend = Math.tanh(b), turn = sech2(b), [one, slope] = valley(a / 2 + bend), [two, other] = valley(a / 2 - bend + 2);
      return [[20 * one, 25 * two], [[10 * slope, 20 * slope * turn], [12.5 * other, -25 * other * turn]]];
    },
    view: [[-7, 5], [-4, 8]], losses: [[-260, 60], [-320, 80]], ideal: [20 * Math.log(FLOOR), 25 * Math.log(FLOOR)], front: [],
  },
  cagrad: {
    at([a, b]) {
      const bend = Math.tanh(b), turn = sech2(b), [one, slope] = valley((-a - 7) / 2 + bend), [two, other] = valley((3 - a) / 2 - bend + 2);
      const f = [one + 6, two + 6], df = [[-slope / 2, slope * turn], [-other / 2, -other * turn]], bowl = 0.1 * (b + 8) ** 2;
      const q = [((7 - a) ** 2 + bowl) / 10 - 20, ((-7 - a) ** 2 + bowl) / 10 - 20], dq = [[(a - 7) / 5, (b + 8) / 50], [(a + 7) / 5, (b + 8) / 50]];
      const above = Math.max(Math.tanh(b / 2), 0), below = Math.max(Math.tanh(-b / 2), 0), change = sech2(b / 2) / 2;
      const rise = b > 0 ? change : 0, fall = b < 0 ? -change : 0;
      return [[0, 1].map((i) => above * f[i] + below * q[i]), [0, 1].map((i) => [above * df[i][0] + below * dq[i][0], rise * f[i] + above * df[i][1] + fall * q[i] + below * dq[i][1]])];
    },
    view: [[-10, 10], [-10, 10]], losses: [[-22, 12], [-22, 12]], ideal: [-20, -20], front: Array.from({ length: 57 }, (_, i) => [-7 + i / 4, -8.3552]),
  },
  concave: {
    at([a, b]) {
      const bells = [SIDE, -SIDE].map((end) => Math.exp(-((a - end) ** 2) - (b - end) ** 2));
      return [bells.map((bell) => 1 - bell), [SIDE, -SIDE].map((end, i) => [2 * (a - end) * bells[i], 2 * (b - end) * bells[i]])];
    },
    view: [[-1.6, 1.6], [-1.6, 1.6]], losses: [[0, 1.05], [0, 1.05]], ideal: [0, 0], front: Array.from({ length: 61 }, (_, i) => [SIDE * (i / 30 - 1), SIDE * (i / 30 - 1)]),
  },
};

const SMOOTH = 0.1;                                    // of the smooth Chebyshev loss: the smaller, the nearer to the largest one
function directionAt(land, point, { method, weight }) {
  const [losses, gradients] = land.at(point), share = [weight, 1 - weight];
  if (method !== "weighted" && method !== "chebyshev") return combine(method, gradients);
  const heights = losses.map((loss, i) => (share[i] * (loss - land.ideal[i])) / SMOOTH), top = Math.max(...heights);
  const parts = heights.map((h) => Math.exp(h - top)), sum = parts[0] + parts[1];
  const weights = method === "weighted" ? share : share.map((w, i) => (w * parts[i]) / sum);
  return plus(scaled(gradients[0], weights[0]), gradients[1], weights[1]);
}

class Walk {                                           // from one start; go(n) takes n steps
  constructor(land, start, setting) {
    Object.assign(this, { land, setting, point: start.slice(), mean: [0, 0], square: [0, 0], t: 0 });
  }
  go(n) {
    const { lr, optimizer } = this.setting;
    for (let i = 0; i < n; i++) {
      const g = directionAt(this.land, this.point, this.setting);
      this.t++;
      if (optimizer === "sgd") this.point = plus(this.point, g, -lr);
      else for (const k of [0, 1]) {
        this.mean[k] = 0.9 * this.mean[k] + 0.1 * g[k];
        this.square[k] = 0.999 * this.square[k] + 0.001 * g[k] * g[k];
        this.point[k] -= (lr * this.mean[k]) / (1 - 0.9 ** this.t) / (Math.sqrt(this.square[k] / (1 - 0.999 ** this.t)) + 1e-8);
      }
    }
    return this.point.slice();
  }
}
