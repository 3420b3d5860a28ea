// The playground's arithmetic: the package's random numbers, tasks, nets, balancing methods and optimisers, in double
// precision. One function without imports, so that its own text can start a worker. tests/book/test_playground.py
// compares it with the package, number by number.

function engine() {
  "use strict";

  // ---- random numbers: those of NumPy's default_rng([seed, number]) --------------------------------------------------
  const NO_BITS = 0n, ALL_BITS = (1n << 128n) - 1n, LOW_BITS = (1n << 64n) - 1n, FACTOR = 0x2360ed051fc65da44385df649fccf645n;
  const times = Math.imul;

  function mixed(words) {                              // NumPy's SeedSequence(words).generate_state(8)
    let constant = 0x43b0d7e5;
    const hash = (value) => {
      value ^= constant;
      constant = times(constant, 0x931e8875);
      value = times(value, constant);
      return value ^ (value >>> 16);
    };
    const mix = (a, b) => {
      const value = (times(a, 0xca01f9dd) - times(b, 0x4973f715)) | 0;
      return value ^ (value >>> 16);
    };
    const pool = [0, 1, 2, 3].map((i) => hash(words[i] ?? 0));
    for (let from = 0; from < 4; from++) for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
    constant = 0x8b51f9dd;
    return Array.from({ length: 8 }, (_, i) => {
      let value = pool[i % 4] ^ constant;
      constant = times(constant, 0x58f38ded);
      value = times(value, constant);
      return (value ^ (value >>> 16)) >>> 0;
    });
  }

  const WIDEST = 3.6541528853610088, STRIPS = strips();
  function strips() {                                  // the ziggurat of 256 strips that NumPy draws normal numbers with
    const height = (x) => Math.exp(-0.5 * x * x), base = 8.683627060801306e-16 * 2 ** 52, area = base * height(WIDEST);
    const x = new Float64Array(256), f = new Float64Array(256);
    x[255] = WIDEST;
    for (let i = 254; i > 0; i--) x[i] = Math.sqrt(-2 * Math.log(area / x[i + 1] + height(x[i + 1])));
    for (let i = 0; i < 256; i++) f[i] = height(x[i]);
    const width = x.slice(), inside = Float64Array.from(x, (_, i) => (i ? x[i - 1] / x[i] : WIDEST / base));
    width[0] = base;
    inside[1] = 0;
    return { width, inside, f };
  }

  class Stream {
    constructor(...words) {
      const s = mixed(words).map(BigInt), pair = (i) => s[i] | (s[i + 1] << 32n);
      this.step = (((pair(4) << 64n) | pair(6)) << 1n | 1n) & ALL_BITS;
      this.state = (this.step + ((pair(0) << 64n) | pair(2))) & ALL_BITS;
      this.advance();
      this.left = null;                                // half a number that was not asked for yet
    }
    advance() {
      this.state = (this.state * FACTOR + this.step) & ALL_BITS;
    }
    bits() {                                           // 64 of them, as [the upper 32, the lower 32]
      this.advance();
      const turn = this.state >> 122n, word = ((this.state >> 64n) ^ this.state) & LOW_BITS;
      const turned = turn === NO_BITS ? word : ((word >> turn) | (word << (64n - turn))) & LOW_BITS;
      return [Number(turned >> 32n), Number(turned & 0xffffffffn)];
    }
    half() {                                           // 32 bits
      if (this.left !== null) {
        const kept = this.left;
        this.left = null;
        return kept;
      }
      const [high, low] = this.bits();
      this.left = high;
      return low;
    }
    random() {
      const [high, low] = this.bits();
      return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
    }
    uniform(low, high) {
      return low + (high - low) * this.random();
    }
    upTo(most) {                                       // a whole number from 0 to `most`
      let mask = most, found;
      for (const by of [1, 2, 4, 8, 16]) mask |= mask >>> by;
      do found = (this.half() & mask) >>> 0;
      while (found > most);
      return found;
    }
    normal() {
      for (;;) {
        const [high, low] = this.bits();
        const at = low & 255, sign = (low >>> 8) & 1, size = (high * 2 ** 23 + (low >>> 9)) % 2 ** 52;
        const found = this.within(at, sign, size / 2 ** 52, (low >>> 17) & 1, () => this.random());
        if (found !== null) return found;
      }
    }
    normalOfSinglePrecision() {
      for (;;) {
        const word = this.half();
        const found = this.within(word & 255, (word >>> 8) & 1, (word >>> 9) / 2 ** 23, (word >>> 17) & 1, () => (this.half() >>> 8) / 2 ** 24);
        if (found !== null) return found;
      }
    }
    within(at, sign, share, far, random) {             // null where the ziggurat says: draw again
      const x = share * STRIPS.width[at], signed = sign ? -x : x;
      if (share < STRIPS.inside[at]) return signed;
      if (at) return (STRIPS.f[at - 1] - STRIPS.f[at]) * random() + STRIPS.f[at] < Math.exp(-0.5 * x * x) ? signed : null;
      for (;;) {
        const beyond = -Math.log1p(-random()) / WIDEST, drop = -Math.log1p(-random());
        if (2 * drop > beyond * beyond) return far ? -(WIDEST + beyond) : WIDEST + beyond;
      }
    }
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = this.upTo(i);
        [values[i], values[j]] = [values[j], values[i]];
      }
    }
  }

  // ---- first weights: those of torch.manual_seed(seed) ---------------------------------------------------------------
  class Twister {
    constructor(seed) {
      const state = (this.state = new Uint32Array(624));
      state[0] = seed;
      for (let i = 1; i < 624; i++) state[i] = times(state[i - 1] ^ (state[i - 1] >>> 30), 1812433253) + i;
      this.at = 624;
      this.left = null;                                // the second normal number of a pair
    }
    bits() {
      const state = this.state;
      if (this.at === 624) {
        for (let i = 0; i < 624; i++) {
          const y = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
          state[i] = state[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
        }
        this.at = 0;
      }
      let y = state[this.at++];
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      return (y ^ (y >>> 18)) >>> 0;
    }
    random() {
      const high = this.bits(), low = this.bits();
      return ((high & 0x1fffff) * 2 ** 32 + low) / 2 ** 53;
    }
    normal(to, sd) {                                   // as Tensor.normal_ fills a tensor of doubles
      if (to.length < 16) {
        for (let i = 0; i < to.length; i++) to[i] = sd * this.single();
        return;
      }
      for (let i = 0; i < to.length; i++) to[i] = this.random();
      const pairs = (from) => {
        for (let i = from; i < from + 8; i++) {
          const radius = Math.sqrt(-2 * Math.log1p(-to[i])), angle = 2 * Math.PI * to[i + 8];
          to[i] = sd * radius * Math.cos(angle);
          to[i + 8] = sd * radius * Math.sin(angle);
        }
      };
      for (let i = 0; i < to.length - 15; i += 16) pairs(i);
      if (to.length % 16) {
        for (let i = to.length - 16; i < to.length; i++) to[i] = this.random();
        pairs(to.length - 16);
      }
    }
    single() {
      if (this.left !== null) {
        const kept = this.left;
        this.left = null;
        return kept;
      }
      const angle = 2 * Math.PI * this.random(), radius = Math.sqrt(-2 * Math.log1p(-this.random()));
      this.left = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    }
  }

  // ---- tasks: mtl_tutor.tasks.plane_tasks and shuffled_labels ---------------------------------------------------------
  const N_TEST = 400;
  const fromArc = (u, v) => (v >= 0 ? Math.abs(Math.sqrt(u * u + v * v) - 1) : Math.sqrt(Math.min((u - 1) ** 2, (u + 1) ** 2) + v * v));
  const PATTERNS = {
    waves: (u, v, task, n) => Math.sqrt(2) * Math.sin(Math.PI * (1.5 * u + task / n)),
    "half-moons": (u, v) => {
      const [x, y] = [1.5 * u + 0.5, 1.5 * v + 0.25];
      return +(fromArc(x - 1, 0.5 - y) < fromArc(x, y));
    },
    rings: (u, v) => +(Math.abs(Math.sqrt((u - 0.4) ** 2 + v * v) - 0.5) < 0.22),
    checkerboard: (u, v, task) => {
      const stripe = Math.floor(2 * u) % 2 === 0, side = v > 0;
      return +[side === stripe, stripe, side][task];
    },
  };

  function turn(pattern, task, n, relatedness) {       // of a task's direction, in half turns
    if (pattern === "checkerboard") return task ? (1 - relatedness) / 2 : 0;
    return ((pattern === "rings" ? 2 : 1) * task * (1 - relatedness)) / n;
  }

  function answerOf({ pattern, tasks, relatedness }, task) {          // (x0, x1) -> what the task asks for, without noise
    const angle = Math.PI * turn(pattern, task, tasks, relatedness), c = Math.cos(angle), s = Math.sin(angle);
    return (a, b) => PATTERNS[pattern](c * a + s * b, c * b - s * a, task, tasks);
  }

  const isBinary = ({ pattern }) => pattern !== "waves";
  const roundHalfToEven = (v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));

  function samplesOf(setting, seed) {                  // {train, validation, test}: x [feature sample], y [task][sample], NaN where unknown
    const { tasks, samples, noise } = setting, stream = new Stream(seed, 0x91a7e);
    const factors = Array.from({ length: tasks }, (_, t) => (t === 1 && !isBinary(setting) ? setting.unit : 1));
    const answers = factors.map((_, t) => answerOf(setting, t));
    const drawn = (n) => {
      const x = new Float64Array(2 * n);
      for (let i = 0; i < n; i++) for (let k = 0; k < 2; k++) x[k * n + i] = stream.uniform(-1, 1);
      return { n, x, y: answers.map((answer) => Float64Array.from({ length: n }, (_, i) => answer(x[i], x[n + i]))) };
    };
    const noisy = (shares) => {
      const split = drawn(samples);
      for (let i = 0; i < samples; i++)
        for (let t = 0; t < tasks; t++)
          if (!isBinary(setting)) split.y[t][i] += noise * stream.normal();
          else if (stream.random() < noise / 2) split.y[t][i] = 1 - split.y[t][i];
      shares.forEach((share, t) => split.y[t].fill(NaN, Math.max(1, roundHalfToEven(share * samples))));
      return scaled(split);
    };
    const scaled = (split) => {
      split.y.forEach((y, t) => y.forEach((v, i) => (y[i] = v * factors[t])));
      return split;
    };
    const test = scaled(drawn(N_TEST)), whole = factors.map(() => 1);
    const train = noisy(whole.map((_, t) => (t === 1 ? setting.labelled : 1))), validation = noisy(whole);
    if (setting.shuffled) {
      const order = new Stream(seed, 0x5f);
      for (const { y } of [train, validation]) {
        const known = y[1].filter((v) => !Number.isNaN(v));
        order.shuffle(known);
        y[1].set(known);                               // those with a label come first
      }
    }
    return { train: counted(train), validation: counted(validation), test: counted(test) };
  }

  function counted(split) {                            // labels with 0 where there is none, who has one, and how many
    split.known = split.y.map((y) => Float64Array.from(y, (v) => +!Number.isNaN(v)));
    split.truth = split.y.map((y) => Float64Array.from(y, (v) => (Number.isNaN(v) ? 0 : v)));
    split.count = split.known.map((known) => Math.max(1, known.reduce((a, b) => a + b, 0)));
    return split;
  }

  // ---- nets: HardSharing, SingleTask, SoftSharing, CrossStitch, TaskConditioned ---------------------------------------
  // A net is a few towers of hidden layers, and a head per task. Which numbers they read is a place in one array.
  function netOf({ tasks, net: kind, units, layers, activation, strength }) {
    const widths = Array(layers).fill(units), slots = [];
    let size = 0;
    const slot = (name, shape, sd, shared = false) => {
      slots.push({ name, shape, sd, shared, at: size, size: shape.reduce((a, b) => a * b, 1) });
      size += slots.at(-1).size;
      return slots.at(-1).at;
    };
    const linear = (name, fanIn, fanOut, shared) => ({
      w: slot(`${name}.weight`, [fanOut, fanIn], 1 / Math.sqrt(fanIn), shared), b: slot(`${name}.bias`, [fanOut], 0, shared), fanIn, fanOut,
    });
    const stack = (name, shared) => widths.map((width, l) => linear(name(l), l ? widths[l - 1] : 2, width, shared));
    const towers = [], heads = [], each = Array.from({ length: tasks }, (_, t) => t), top = widths.at(-1);
    let stitches = null, films = null, codes = null;
    if (kind === "trunk") {
      towers.push(stack((l) => `trunk.${2 * l}`, true));
      for (const t of each) heads.push({ tower: 0, ...linear(`heads.${t}`, top, 1) });
    } else if (kind === "conditioned") {
      const layer = stack((l) => `layers.${l}.0`, true), head = linear("heads.0", top, 1, true);
      films = widths.map((width, l) => slot(`films.${l}.weight`, [2 * width, 2], 1 / Math.sqrt(2), true));
      codes = each.map((t) => slot(`codes.${t}`, [2], 0.1));
      for (const t of each) towers.push(layer), heads.push({ tower: t, ...head });
    } else {
      const stitched = kind === "stitch";
      if (stitched) stitches = slot("stitches", [layers, tasks, tasks], 0, true);
      for (const t of each) {
        towers.push(stack((l) => (stitched ? `towers.${t}.${l}.0` : `nets.${t}.trunk.${2 * l}`), stitched));
        heads.push({ tower: t, ...linear(stitched ? `towers.${t}.${layers}` : `nets.${t}.heads.0`, top, 1) });
      }
    }
    const shared = Uint8Array.from(slots.flatMap((one) => Array(one.size).fill(+one.shared)));
    return { kind, slots, size, shared, anyShared: shared.includes(1), towers, heads, stitches, films, codes, widths, tasks,
      tanh: activation === "tanh", strength: kind === "soft" ? strength : 0 };
  }

  function firstWeights(net, seed) {
    const stream = new Twister(seed), p = new Float64Array(net.size);
    for (const { at, size, sd } of net.slots) if (sd) stream.normal(p.subarray(at, at + size), sd);
    if (net.stitches !== null) {
      const n = net.tasks, other = Math.fround(0.1 / (n - 1)), own = Math.fround(1 - (0.1 / (n - 1)) * (n - 1));
      const at = p.subarray(net.stitches, net.stitches + n * n * net.widths.length);
      at.forEach((_, i) => (at[i] = Math.floor(i / n) % n === i % n ? own : other));
    }
    return p;
  }

  function pagesFor(net, n) {                          // what is written on at every step, for n samples
    const page = (width) => new Float64Array(width * n);
    const pages = () => net.towers.map(() => net.widths.map(page));
    return { n, a: pages(), d: pages(), z: net.films ? pages() : null, read: net.stitches !== null ? pages() : null,
      dread: net.stitches !== null ? pages() : null, out: net.heads.map(() => page(1)), slope: net.heads.map(() => page(1)) };
  }

  const EXP = Float64Array.from({ length: 1100 }, (_, i) => Math.pow(2, -i / 16)), UNIT = Math.LN2 / 16;
  const UNIT_HIGH = Math.fround(UNIT), UNIT_LOW = UNIT - UNIT_HIGH;

  function bend(a, size, tanh) {                       // the activation, in place; tanh is right to 3e-16
    if (!tanh) {
      for (let i = 0; i < size; i++) if (!(a[i] > 0)) a[i] = a[i] < 0 || a[i] === 0 ? 0 : a[i];
      return;
    }
    for (let i = 0; i < size; i++) {
      const x = a[i], y = x < 0 ? -2 * x : 2 * x;      // e^-y is a power of 2^(-1/16), times the exponential of the little that is left
      if (y < 40) {
        const k = (y / UNIT + 0.5) | 0, r = k * UNIT_HIGH - y + k * UNIT_LOW;
        const t = EXP[k] * (1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r / 5040)))))));
        const th = (1 - t) / (1 + t);
        a[i] = x < 0 ? -th : th;
      } else a[i] = x < 0 ? -1 : x > 0 ? 1 : x;
    }
  }

  function layer(p, { w, b, fanIn, fanOut }, input, n, out) {
    for (let h = 0; h < fanOut; h++) {
      const at = h * n, bias = p[b + h], row = w + h * fanIn;
      if (fanIn === 2) {
        const w0 = p[row], w1 = p[row + 1];
        for (let i = 0; i < n; i++) out[at + i] = bias + w0 * input[i] + w1 * input[n + i];
        continue;
      }
      let w0 = p[row], k = 1;
      for (let i = 0; i < n; i++) out[at + i] = bias + w0 * input[i];
      for (; k + 1 < fanIn; k += 2) {
        w0 = p[row + k];
        const w1 = p[row + k + 1], from = k * n;
        for (let i = 0; i < n; i++) out[at + i] += w0 * input[from + i] + w1 * input[from + n + i];
      }
      if (k < fanIn) {
        w0 = p[row + k];
        for (let i = 0; i < n; i++) out[at + i] += w0 * input[k * n + i];
      }
    }
  }

  const film = (net, p, l, task, h) => {               // how a task scales and shifts a unit: [1 + scale, shift]
    const f = net.films[l], c = net.codes[task], width = net.widths[l];
    const of = (row) => p[f + 2 * row] * p[c] + p[f + 2 * row + 1] * p[c + 1];
    return [1 + of(h), of(width + h)];
  };

  function forward(net, p, x, pages) {                 // pages.a: hidden units, pages.out: the tasks' outputs
    const { n } = pages, { towers } = net;
    for (let l = 0; l < net.widths.length; l++) {
      const width = net.widths[l];
      for (let t = 0; t < towers.length; t++) {
        const a = pages.a[t][l], input = l ? (pages.read ?? pages.a)[t][l - 1] : x;
        if (net.films) {
          const z = pages.z[t][l];
          layer(p, towers[t][l], input, n, z);
          for (let h = 0; h < width; h++) {
            const [scale, shift] = film(net, p, l, t, h);
            for (let i = h * n; i < (h + 1) * n; i++) a[i] = scale * z[i] + shift;
          }
        } else layer(p, towers[t][l], input, n, a);
        bend(a, width * n, net.tanh);
      }
      if (pages.read)
        for (let t = 0; t < towers.length; t++) {
          const read = pages.read[t][l];
          for (let s = 0; s < towers.length; s++) {
            const share = p[net.stitches + (l * net.tasks + t) * net.tasks + s], a = pages.a[s][l];
            if (s) for (let i = 0; i < width * n; i++) read[i] += share * a[i];
            else for (let i = 0; i < width * n; i++) read[i] = share * a[i];
          }
        }
    }
    const top = net.widths.length - 1;
    for (let t = 0; t < net.heads.length; t++) {
      const head = net.heads[t], input = (pages.read ?? pages.a)[head.tower][top];
      layer(p, head, input, n, pages.out[t]);
    }
    return pages.out;
  }

  // Adds to `gradient` what the slopes of the losses by the outputs (pages.slope) of the tasks that are on come to.
  function backward(net, p, x, pages, gradient, on) {
    const { n } = pages, { towers, heads } = net, top = net.widths.length - 1;
    const ends = pages.dread ?? pages.d, from = (pages.read ?? pages.a);
    const begun = towers.map(() => false);
    for (let t = 0; t < heads.length; t++) {
      if (!on[t]) continue;
      const { w, b, fanIn, tower } = heads[t], slope = pages.slope[t], a = from[tower][top], d = ends[tower][top];
      let sum = 0;
      for (let i = 0; i < n; i++) sum += slope[i];
      gradient[b] += sum;
      for (let h = 0; h < fanIn; h++) {
        const at = h * n, weight = p[w + h];
        let dot = 0;
        if (begun[tower])
          for (let i = 0; i < n; i++) {
            dot += slope[i] * a[at + i];
            d[at + i] += weight * slope[i];
          }
        else
          for (let i = 0; i < n; i++) {
            dot += slope[i] * a[at + i];
            d[at + i] = weight * slope[i];
          }
        gradient[w + h] += dot;
      }
      begun[tower] = true;
    }
    for (let l = top; l >= 0; l--) {
      const size = net.widths[l] * n;
      if (pages.dread) {
        for (let t = 0; t < towers.length; t++) if (!begun[t]) pages.dread[t][l].fill(0);
        begun.fill(true);
        for (let s = 0; s < towers.length; s++) {
          const d = pages.d[s][l], a = pages.a[s][l];
          for (let t = 0; t < towers.length; t++) {
            const at = net.stitches + (l * net.tasks + t) * net.tasks + s, share = p[at], above = pages.dread[t][l];
            let dot = 0;
            for (let i = 0; i < size; i++) {
              dot += above[i] * a[i];
              d[i] = (t ? d[i] : 0) + share * above[i];
            }
            gradient[at] += dot;
          }
        }
      }
      for (let t = 0; t < towers.length; t++) {
        if (!begun[t]) continue;
        const d = pages.d[t][l], a = pages.a[t][l];
        if (net.tanh) for (let i = 0; i < size; i++) d[i] *= 1 - a[i] * a[i];
        else for (let i = 0; i < size; i++) if (a[i] === 0) d[i] = 0;
        if (net.films) unfilm(net, p, l, t, d, pages.z[t][l], n, gradient);
        unlayer(p, towers[t][l], l ? from[t][l - 1] : x, d, n, gradient, l ? ends[t][l - 1] : null);
      }
    }
  }

  function unfilm(net, p, l, task, d, z, n, gradient) {
    const f = net.films[l], c = net.codes[task], width = net.widths[l];
    for (let h = 0; h < width; h++) {
      const [scale] = film(net, p, l, task, h);
      let shifted = 0, scaled = 0;
      for (let i = h * n; i < (h + 1) * n; i++) {
        shifted += d[i];
        scaled += d[i] * z[i];
        d[i] *= scale;
      }
      for (let k = 0; k < 2; k++) {
        gradient[f + 2 * h + k] += scaled * p[c + k];
        gradient[f + 2 * (width + h) + k] += shifted * p[c + k];
        gradient[c + k] += scaled * p[f + 2 * h + k] + shifted * p[f + 2 * (width + h) + k];
      }
    }
  }

  function unlayer(p, { w, b, fanIn, fanOut }, input, d, n, gradient, below) {
    if (below) below.fill(0);
    for (let h = 0; h < fanOut; h++) {
      const at = h * n, row = w + h * fanIn;
      let sum = 0, g0 = 0, g1 = 0;
      if (fanIn === 2 && !below) {
        for (let i = 0; i < n; i++) {
          const slope = d[at + i];
          sum += slope;
          g0 += slope * input[i];
          g1 += slope * input[n + i];
        }
        gradient[row] += g0;
        gradient[row + 1] += g1;
        gradient[b + h] += sum;
        continue;
      }
      for (let i = 0; i < n; i++) sum += d[at + i];
      gradient[b + h] += sum;
      for (let k = 0; k < fanIn; k++) {
        const weight = p[row + k], from = k * n;
        g0 = 0;
        for (let i = 0; i < n; i++) {
          g0 += d[at + i] * input[from + i];
          below[from + i] += weight * d[at + i];
        }
        gradient[row + k] += g0;
      }
    }
  }

  // ---- losses ---------------------------------------------------------------------------------------------------------
  function slopes(split, out, slope, weights, binary) {          // how much each weighted mean loss rises with each output
    for (let t = 0; t < out.length; t++) {
      const o = out[t], y = split.truth[t], known = split.known[t], to = slope[t];
      const factor = (weights[t] * (binary ? 1 : 2)) / split.count[t];
      if (binary) for (let i = 0; i < o.length; i++) to[i] = factor * known[i] * (1 / (1 + Math.exp(-o[i])) - y[i]);
      else for (let i = 0; i < o.length; i++) to[i] = factor * known[i] * (o[i] - y[i]);
    }
  }

  function lossOf(split, out, t, binary) {
    const o = out[t], y = split.truth[t], known = split.known[t];
    let sum = 0;
    for (let i = 0; i < o.length; i++)
      if (known[i]) sum += binary ? Math.max(o[i], 0) - o[i] * y[i] + Math.log1p(Math.exp(-Math.abs(o[i]))) : (o[i] - y[i]) ** 2;
    return sum / split.count[t];
  }

  function errorOf(split, out, t) {                    // of a binary task: the share of wrong answers
    const o = out[t], y = split.truth[t], known = split.known[t];
    let wrong = 0;
    for (let i = 0; i < o.length; i++) if (known[i] && +(o[i] > 0) !== y[i]) wrong++;
    return wrong / split.count[t];
  }

  // ---- balancing: EqualWeighting and FixedWeighting, UncertaintyWeighting, PCGrad -------------------------------------
  function balancing({ method, tasks, weight }, seed, binary) {
    const ones = new Float64Array(tasks).fill(1);
    if (method === "equal") return { weights: ones.map((_, t) => (t === 1 ? weight : 1)) };
    if (method === "uncertainty") {
      const s = new Float64Array(tasks), mean = new Float64Array(tasks), square = new Float64Array(tasks), weights = new Float64Array(tasks);
      const factor = binary ? 1 : 0.5;
      let count = 0;
      return {
        weights,
        weigh(losses) {
          count++;
          for (let t = 0; t < tasks; t++) {
            weights[t] = factor * Math.exp(-s[t]);
            const slope = 0.5 - weights[t] * losses[t];
            mean[t] = 0.9 * mean[t] + (1 - 0.9) * slope;
            square[t] = 0.999 * square[t] + (1 - 0.999) * slope * slope;
            s[t] -= (0.01 * mean[t]) / (1 - 0.9 ** count) / (Math.sqrt(square[t] / (1 - 0.999 ** count)) + 1e-8);
          }
        },
      };
    }
    const stream = tasks > 2 ? new Stream(seed, 0xba1a) : null, all = ones.map((_, t) => t);
    const order = () => {                              // whom a task visits first, second, third
      const drawn = Array.from(all, () => (stream ? stream.normalOfSinglePrecision() : 0));
      return Array.from(all).sort((i, j) => drawn[i] - drawn[j]);
    };
    return {
      weights: ones,
      surgery(gramian) {                               // [task][task] -> weights of the tasks' gradients
        const weights = all.map((_) => 0);
        for (let i = 0; i < tasks; i++) {
          const own = Array.from(all, (j) => +(i === j));
          for (const j of order()) {
            const product = own.reduce((sum, w, k) => sum + w * gramian[k][j], 0);
            if (j !== i && product < 0) own[j] -= product / Math.max(gramian[j][j], 2.2250738585072014e-308);
          }
          own.forEach((w, k) => (weights[k] += w));
        }
        return weights;
      },
    };
  }

  // ---- one net in training --------------------------------------------------------------------------------------------
  class Training {
    constructor(setting, net, data, seed, pages) {
      Object.assign(this, { setting, net, data, pages });
      this.binary = isBinary(setting);
      this.p = firstWeights(net, seed);
      this.gradient = new Float64Array(net.size);
      this.m = new Float64Array(net.size);
      this.v = new Float64Array(net.size);
      this.balance = balancing(setting, seed, this.binary);
      this.each = net.anyShared && this.balance.surgery ? net.heads.map(() => new Float64Array(net.size)) : null;
      this.every = net.heads.map(() => true);
      this.losses = new Float64Array(net.heads.length);
      this.t = 0;
    }
    taskGradients(split, pages, into) {                // one gradient per task
      forward(this.net, this.p, split.x, pages);
      slopes(split, pages.out, pages.slope, this.balance.surgery ? this.balance.weights : this.every.map(() => 1), this.binary);
      into.forEach((gradient, t) => {
        gradient.fill(0);
        backward(this.net, this.p, split.x, pages, gradient, this.every.map((_, k) => k === t));
      });
      return into;
    }
    differentiate() {
      const { net, p, gradient, balance, data: { train } } = this, pages = this.pages.train;
      gradient.fill(0);
      if (this.each) {
        const each = this.taskGradients(train, pages, this.each);
        const weights = balance.surgery(each.map((g) => each.map((h) => dot(g, h, net.shared))));
        for (let i = 0; i < net.size; i++)
          for (let t = 0; t < each.length; t++) gradient[i] += (net.shared[i] ? weights[t] : 1) * each[t][i];
      } else {
        forward(net, p, train.x, pages);
        if (balance.weigh) {
          for (let t = 0; t < this.losses.length; t++) this.losses[t] = lossOf(train, pages.out, t, this.binary);
          balance.weigh(this.losses);
        }
        slopes(train, pages.out, pages.slope, balance.weights, this.binary);
        backward(net, p, train.x, pages, gradient, this.every);
      }
      if (net.strength) this.pull();
    }
    pull() {                                           // the slope of strength · Σ |θ_t − θ̄|², which the tasks' nets are pulled together by
      const { net, p, gradient } = this, n = net.tasks;
      net.towers[0].forEach((_, l) => {
        for (const part of ["w", "b"]) {
          const places = net.towers.map((tower) => tower[l][part]), size = net.towers[0][l].fanOut * (part === "w" ? net.towers[0][l].fanIn : 1);
          for (let i = 0; i < size; i++) {
            let mean = 0;
            for (const at of places) mean += p[at + i] / n;
            for (const at of places) gradient[at + i] += 2 * net.strength * (p[at + i] - mean);
          }
        }
      });
    }
    step() {
      this.differentiate();
      const { p, gradient: g, m, v } = this, { lr } = this.setting, t = ++this.t;
      if (this.setting.optimizer === "sgd") {
        for (let i = 0; i < p.length; i++) p[i] -= lr * g[i];
        return;
      }
      const rate = lr / (1 - Math.pow(0.9, t)), root = Math.sqrt(1 - Math.pow(0.999, t));
      for (let i = 0; i < p.length; i++) {
        m[i] = 0.9 * m[i] + (1 - 0.9) * g[i];
        v[i] = 0.999 * v[i] + (1 - 0.999) * g[i] * g[i];
        p[i] -= (rate * m[i]) / (Math.sqrt(v[i]) / root + 1e-8);
      }
    }
    measure() {                                        // per task: [training loss, validation loss, test error]
      const { net, p, data, pages, binary } = this, found = [];
      const out = Object.fromEntries(["train", "validation", "test"].map((split) => [split, forward(net, p, data[split].x, pages[split]).map((o) => o.slice())]));
      for (let t = 0; t < net.heads.length; t++)
        found.push(lossOf(data.train, out.train, t, binary), lossOf(data.validation, out.validation, t, binary),
          binary ? errorOf(data.test, out.test, t) : lossOf(data.test, out.test, t, false));
      return found;
    }
    cosine(split) {                                    // of the tasks' gradients of what they share, the mean of all pairs; NaN without
      const { net } = this;
      if (!net.anyShared) return NaN;
      const each = this.taskGradients(this.data[split], this.pages[split], net.heads.map(() => new Float64Array(net.size)));
      let sum = 0, pairs = 0;
      each.forEach((g, i) => each.slice(0, i).forEach((h) => {
        sum += dot(g, h, net.shared) / Math.sqrt(dot(g, g, net.shared) * dot(h, h, net.shared));
        pairs++;
      }));
      return sum / pairs;
    }
  }

  function dot(a, b, on) {
    let sum = 0;
    for (let i = 0; i < a.length; i++) if (on[i]) sum += a[i] * b[i];
    return sum;
  }

  // ---- all seeds at once ----------------------------------------------------------------------------------------------
  const N_SEEDS = 32;
  const single = (setting) => ({ ...setting, net: "separate", method: "equal", weight: 1 });

  function stepsOf({ steps }) {                        // after which the nets are measured, as `train` does
    const every = Math.max(1, Math.floor(steps / 50)), found = [];
    for (let at = 0; at < steps; at += every) found.push(at);
    return [...found, steps];
  }

  class Run {                                          // a net that shares and single-task nets, from the same seed, on the same data
    constructor(setting, n = N_SEEDS) {
      this.setting = setting;
      this.net = netOf(setting);
      this.single = netOf(single(setting));
      this.steps = stepsOf(setting);
      this.at = 0;                                     // how many of these were measured
      this.pairs = [];
      this.parts = [];                                 // what was measured after this step, so far
      this.n = n;
      const pages = (net) => ({ train: pagesFor(net, setting.samples), validation: pagesFor(net, setting.samples), test: pagesFor(net, N_TEST) });
      this.pages = [pages(this.net), pages(this.single)];
    }
    prepare(k) {                                       // seed k; data and first weights take longer than a step
      const seed = this.setting.seed + k, data = samplesOf(this.setting, seed);
      this.pairs[k] = [new Training(this.setting, this.net, data, seed, this.pages[0]), new Training(single(this.setting), this.single, data, seed, this.pages[1])];
    }
    next() {                                           // train every seed until the next measurement; return it, or null at the end
      let found;
      do found = this.part();
      while (found === undefined);
      return found;
    }
    part() {                                           // the same for one seed; undefined until it was the last one
      if (this.at >= this.steps.length) return null;
      const step = this.steps[this.at], k = this.parts.length;
      if (!this.pairs[k]) this.prepare(k);
      const [joint, alone] = this.pairs[k];
      for (const training of [joint, alone]) while (training.t < step) training.step();
      this.parts.push({ joint: joint.measure(), alone: alone.measure(), cosine: [joint.cosine("train"), joint.cosine("validation")] });
      return this.parts.length < this.n ? undefined : this.collected(step);
    }
    collected(step) {
      const parts = this.parts.splice(0), flat = (what) => Float64Array.from(parts.flatMap((part) => part[what]));
      this.at++;
      const weights = [0, 1].map((which) => {
        const size = this.pairs[0][which].p.length, all = new Float32Array(this.n * size);
        this.pairs.forEach((pair, k) => all.set(pair[which].p, k * size));
        return all;
      });
      return { step, joint: flat("joint"), alone: flat("alone"), cosine: flat("cosine"), weights };
    }
  }

  function work(scope) {                               // in a worker: it computes a measurement whenever it is asked for one
    let run = null, current = 0;
    scope.onmessage = ({ data: { ticket, setting } }) => {
      if (setting) [run, current] = [new Run(setting), ticket];
      if (ticket === current) scope.postMessage({ ticket, found: run.next() });
    };
  }

  return { Stream, Twister, samplesOf, answerOf, isBinary, netOf, firstWeights, pagesFor, forward, backward, Training, Run, single, stepsOf, work, N_SEEDS };
}
