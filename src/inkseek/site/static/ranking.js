// The search of a site: what search.py, gallery/duplicates.py and feedback.py do, on the page.
//
// A gallery is {names, nearKeys, copies, rows, dim, calibration, ranking}; `rows` holds unit
// embeddings as float32, one after the other, and `nearKeys` two halves of 32 bits a photo.

// gallery.json and the bytes of embeddings.f16 as a gallery.
export function readGallery(content, halves) {
  const { names, near_keys: keys, copies, dim, calibration, ranking } = content;
  const codes = new Uint16Array(halves);
  if (codes.length !== names.length * dim) {
    throw new Error(`the site has ${codes.length} numbers for ${names.length} photos; export it again`);
  }
  const table = makeHalfTable();
  // Plain loops: `from` with a function takes several times as long over millions of numbers.
  const rows = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i += 1) rows[i] = table[codes[i]];
  const nearKeys = new Uint32Array(2 * keys.length);
  keys.forEach((key, i) => {
    nearKeys[2 * i] = parseInt(key.slice(0, 8), 16);
    nearKeys[2 * i + 1] = parseInt(key.slice(8), 16);
  });
  return { names, nearKeys, copies, rows, dim, calibration, ranking };
}

// The query that photos move which were liked, or not: `apply_feedback` of feedback.py. A photo is
// the number of its row.
export function steer({ rows, dim, ranking }, query, liked, disliked) {
  const moved = Float64Array.from(query, (value) => ranking.query_weight * value);
  const pull = (photos, weight) => {
    for (const photo of photos) {
      for (let i = 0; i < dim; i += 1) moved[i] += (weight / photos.length) * rows[photo * dim + i];
    }
  };
  pull(liked, ranking.liked_weight);
  pull(disliked, -ranking.disliked_weight);
  const length = Math.sqrt(dot(moved, 0, moved, 0, dim));
  return Float32Array.from(moved, (value) => value / length);
}

// Hits from `offset` on, `k` at most, and what the service says with them. Photos that are
// `excluded`, by their numbers, are none of them; `expand` as in `search_embedding` of search.py.
export function findPhotos(gallery, query, k, { offset = 0, excluded = [], expand = true } = {}) {
  const { ranking, calibration, names } = gallery;
  const similarities = compare(gallery, query);
  const end = offset + k;
  let groups;
  for (let asked = end + 1 + excluded.length; ; asked *= 4) {
    const count = Math.max(3 * asked, ranking.least_candidates);
    groups = findGroups(gallery, query, similarities, asked, count, expand);
    groups = groups.filter(([first]) => !excluded.includes(first.photo));
    // Where many photos fold into few hits, more have to be looked at.
    if (groups.length > end || count >= names.length) break;
  }
  const hits = groups.slice(0, end).map((group) => toHit(gallery, group));
  const sure = hits.slice(0, ranking.judged).reduce((sum, hit) => sum + hit.confidence, 0);
  return {
    hits: hits.slice(offset),
    nothing_matches: sure < calibration.nothing_below,
    more: groups.length > end,
  };
}

// Groups of near-duplicates, best first. After the first ones, which the query alone chooses,
// photos have to be like these as well.
function findGroups(gallery, query, similarities, k, count, expand) {
  const { trusted: numTrusted, least_candidates: leastCandidates } = gallery.ranking;
  if (expand && k > numTrusted) {
    const nearest = takeNearest(similarities, leastCandidates);
    const trusted = fold(gallery, nearest).slice(0, numTrusted);
    if (trusted.length === numTrusted) {
      const further = takeBeyond(gallery, trusted, query, similarities, count);
      const groups = fold(gallery, [...trusted.flat(), ...further]);
      return withConfidence(gallery, groups, [...nearest, ...further]);
    }
  }
  const found = takeNearest(similarities, count);
  return withConfidence(gallery, fold(gallery, found), found);
}

// The photos nearest to the query and the trusted ones, but for these.
function takeBeyond(gallery, trusted, query, similarities, count) {
  const expanded = steer(gallery, query, trusted.map(([leader]) => leader.photo), []);
  const known = new Set(trusted.flat().map(({ photo }) => photo));
  return takeNearest(compare(gallery, expanded), count)
    .filter(({ photo }) => !known.has(photo))
    .map(({ photo }) => ({ photo, similarity: similarities[photo] }));
}

// Members of groups with their confidences, whose rivals are all that was `found`, some of it twice.
function withConfidence(gallery, groups, found) {
  const alike = [...new Map(found.map((one) => [one.photo, one])).values()];
  alike.sort((a, b) => b.similarity - a.similarity);
  const values = computeConfidence(alike.map(({ similarity }) => similarity), gallery);
  const confidence = new Map(alike.map(({ photo }, i) => [photo, values[i]]));
  return groups.map((group) => group.map((one) => ({ ...one, confidence: confidence.get(one.photo) })));
}

function compare({ names, rows, dim }, query) {
  const similarities = new Float64Array(names.length);
  for (let photo = 0; photo < names.length; photo += 1) {
    similarities[photo] = dot(rows, photo * dim, query, 0, dim);
  }
  return similarities;
}

// {photo, similarity}, best first, ties in the order of the gallery.
function takeNearest(similarities, count) {
  // Numbers alone sort many times faster than objects, and few photos pass the bar they give.
  const bar = count < similarities.length ? similarities.slice().sort().at(-count) : -Infinity;
  const near = [];
  similarities.forEach((similarity, photo) => {
    if (similarity >= bar) near.push({ photo, similarity });
  });
  return near.sort((a, b) => b.similarity - a.similarity || a.photo - b.photo).slice(0, count);
}

// Groups of near-duplicates in the order of their first members; every member is alike to the
// first.
function fold({ rows, dim, nearKeys, ranking }, near) {
  const groups = [];
  near.forEach((one) => {
    const { photo } = one;
    const home = groups.find(
      ([first]) =>
        countDifferingBits(nearKeys, first.photo, photo) <= ranking.near_bits &&
        dot(rows, first.photo * dim, rows, photo * dim, dim) >= ranking.near_similarity,
    );
    if (home) home.push(one);
    else groups.push([one]);
  });
  return groups;
}

// The formula is in search.py, `compute_confidence`.
export function computeConfidence(similarity, { calibration, ranking }) {
  const { temperature, null_similarity: nullSimilarity, slope, bias } = calibration;
  const logits = similarity.map((value) => value / temperature);
  const none = nullSimilarity / temperature;
  const top = Math.max(none, ...logits.slice(0, 1));
  const total = logits
    .slice(0, ranking.rivals)
    .reduce((sum, logit) => sum + Math.exp(logit - top), Math.exp(none - top));
  const confidence = logits.map((logit) => {
    const share = Math.min(1 - 1e-12, Math.max(1e-12, Math.exp(logit - top) / total));
    return 1 / (1 + Math.exp(-(slope * Math.log(share / (1 - share)) + bias)));
  });
  const sum = Math.max(1, confidence.reduce((a, b) => a + b, 0));
  return confidence.map((value) => value / sum);
}

function toHit({ names, copies }, group) {
  const { photo, similarity } = group[0];
  const files = group.reduce((sum, one) => sum + 1 + copies[one.photo], 0);
  return {
    photo_id: String(photo),
    name: names[photo],
    similarity,
    confidence: group.reduce((sum, one) => sum + one.confidence, 0),
    num_duplicates: files - 1,
    thumbnail: `photos/${photo}.jpg`,
    photo: `photos/${photo}.jpg`,
  };
}

function dot(a, fromA, b, fromB, length) {
  let sum = 0;
  for (let i = 0; i < length; i += 1) sum += a[fromA + i] * b[fromB + i];
  return sum;
}

function countDifferingBits(keys, one, other) {
  return countBits(keys[2 * one] ^ keys[2 * other]) + countBits(keys[2 * one + 1] ^ keys[2 * other + 1]);
}

// Of a word of 32: sums of neighbouring bits, pairs, and fours, then of the four bytes.
function countBits(word) {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

// The value of each of the 65,536 halves (IEEE 754 binary16).
function makeHalfTable() {
  return Float32Array.from({ length: 65536 }, (_, code) => {
    const sign = code & 0x8000 ? -1 : 1;
    const exponent = (code >> 10) & 31;
    const fraction = code & 1023;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
  });
}
