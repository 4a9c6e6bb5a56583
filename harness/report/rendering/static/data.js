// What the page carries: an index of every case, and chunks that are read when a case is opened.

const data = { cases: [], verdicts: [], causes: [], run: "", places: new Map(), meanings: new Map(), unseen: null, size: 1, query: () => "" };
const chunks = [];

async function unpacked(holder) {
  let text = holder.textContent;
  if (holder.dataset.encoding === "deflate-raw") {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    text = await new Response(stream).text();
  }
  return JSON.parse(text);
}

const keyOf = (id, replicate) =>
  encodeURIComponent(id.replace(/\p{Surrogate}/gu, "\ufffd")) + (replicate > 1 ? `;${replicate}` : "");

function listedCase([id, replicate, f1, right, counts, tags, failure, wrong, causes, [seconds, tokensIn, tokensOut, usd, sure]],
  place, strings) {
  const pairs = [];
  for (let i = 0; i < wrong.length; i += 2) pairs.push([strings[wrong[i]], wrong[i + 1]]);
  return {
    place, id, replicate, f1, right, counts, key: keyOf(id, replicate),
    tags: tags.map((one) => strings[one]),
    failure: failure && { kind: strings[failure[0]], missing: failure[1] },
    wrong: pairs,
    causes, seconds, usd, sure, tokens: tokensIn === null && tokensOut === null ? null : (tokensIn || 0) + (tokensOut || 0),
    errors: counts.slice(1).reduce((sum, n) => sum + n, 0),
    words: null,
  };
}

async function loadIndex() {
  const holder = byId("index");
  const found = await unpacked(holder);
  data.unseen = new RegExp(`[${found.unseen}\\u{e0000}-\\u{e007f}]`, "gu");
  data.verdicts = found.verdicts;
  data.causes = found.causes;
  data.run = found.run;
  data.meanings = new Map(Object.entries(found.meanings));
  data.size = found.chunk;
  data.cases = found.cases.map((row, place) => listedCase(row, place, found.strings));
  data.places = new Map(data.cases.map((one) => [one.key, one.place]));
  holder.remove();
}

function chunk(number) {
  if (!chunks[number]) chunks[number] = unpacked(byId(`chunk-${number}`));
  return chunks[number];
}

// Everything about one case.
async function whole(place) {
  const { strings, kinds, cases } = await chunk(Math.floor(place / data.size));
  const [message, repairs, approximate, documents, reply, effort, rows, lists] =
    cases[place % data.size];
  return {
    ...data.cases[place], message, repairs, approximate, documents, reply, effort, lists: lists || [],
    diffs: rows.map((row, at) => diff(row, at, strings, kinds)),
  };
}

function diff(row, place, strings, kinds) {
  const [kind, outcome, expected, predicted, inExpected, inPredicted, tags, similarity, elsewhere,
    equal, why, sure, places, pointed] = row;
  const [path, field, comparator] = kinds[kind];
  const same = predicted === 0;
  return {
    place, path, field, comparator, outcome, similarity, elsewhere, equal,
    expected: literal(expected),
    predicted: literal(same ? expected : predicted),
    tags: (tags || []).map((one) => strings[one]),
    why: (why || []).map((one) => strings[one]),
    sure: strings[sure] ?? null,
    places: { expected: places?.[0] || 0, predicted: same ? places?.[0] || 0 : places?.[1] || 0 },
    pointed: pointed ?? null,
    evidence: { expected: inExpected, predicted: same ? inExpected : inPredicted },
  };
}

// The values of every case, in small letters, to search in: read once, when first asked for.
let reading = null;
function readWords() {
  reading ??= (async () => {
    for (let number = 0; number * data.size < data.cases.length; number += 1) {
      const { kinds, cases } = await chunk(number);
      cases.forEach((one, at) => {
        const values = one[6].map(([kind, , expected, predicted]) =>
          `${kinds[kind][0]} ${expected ?? ""} ${predicted || ""}`);
        data.cases[number * data.size + at].words = [one[0] ?? "", ...values].join("\n").toLowerCase();
      });
    }
  })();
  return reading;
}

// A text as JSON, any other value as it was written: no digit is lost.
const literal = (value) => (typeof value === "string" ? JSON.stringify(value) : value ? value[0] : null);

// A case's address says what is chosen of the list, too: next and previous go through that.
const linkTo = (one, path) => `#case/${one.key}${path === undefined ? "" : `/${encodeURIComponent(path.replace(/\p{Surrogate}/gu, "\ufffd"))}`}${data.query() && `?${data.query()}`}`;
