"use strict";
// The tools of a report in a browser: pages, find, filters, sorting, zoom and copy, over the rows that stand in the document.
// Every row stays where it is, for print and for readers without scripts; a page of copies is what the screen shows.
(() => {
  const PAGE_ROWS = 200;
  const SLICE_ROWS = 500;
  const ZOOMS = [0.7, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2];
  // Stands between the cells of a row where they are searched; no cell holds it.
  const BETWEEN = "\u0001";
  const root = document.documentElement;
  const separator = document.querySelector("main").dataset.separator;
  const order = new Intl.Collator(root.lang, { numeric: true });
  const grouped = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, separator);
  const filled = (pattern, values) =>
    pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? grouped(values[name]) : whole));
  const folded = (text) => text.normalize("NFC").toLowerCase();

  function viewer(section) {
    const table = section.querySelector("table");
    const scroll = section.querySelector(".scroll");
    const tool = (name) => section.querySelector(`[data-tool="${name}"]`);
    const tools = (name) => Array.from(section.querySelectorAll(`[data-tool="${name}"]`));
    const heads = Array.from(table.tHead.rows[0].cells);
    const rows = [];
    for (const body of table.tBodies) {
      body.hidden = true;
      rows.push(...body.rows);
    }
    const shown = document.createElement("tbody");
    shown.className = "shown";
    table.tHead.after(shown);

    const column = (key) => heads.findIndex((head) => head.dataset.key === key);
    const cell = (row, place) => rows[row].children[place].textContent;
    const values = (place) => rows.map((row) => row.children[place].textContent);
    let natural = rows.map((_, row) => row);
    let sorted = natural;
    let visible = natural;
    let page = 0;
    // The rows whose copies are shown.
    let copied = [];
    const pages = () => Math.max(1, Math.ceil(visible.length / PAGE_ROWS));

    // What is looked for, and where it was found: places among the visible rows, and columns.
    const texts = [];
    let needles = [];
    let hitRows = [];
    let hitColumns = [];
    let hit = 0;

    function indexed(until) {
      for (let row = texts.length; row < until; row += 1) {
        const parts = [];
        for (const one of rows[row].children) {
          parts.push(one.textContent);
        }
        texts.push(folded(parts.join(BETWEEN)));
      }
    }

    function indexLater() {
      if (texts.length < rows.length) {
        indexed(Math.min(rows.length, texts.length + SLICE_ROWS));
        setTimeout(indexLater, 0);
      }
    }

    function found(text, from) {
      let nearest = -1;
      for (const needle of needles) {
        const at = text.indexOf(needle, from);
        nearest = at >= 0 && (nearest < 0 || at < nearest) ? at : nearest;
      }
      return nearest;
    }

    function search() {
      hitRows = [];
      hitColumns = [];
      hit = 0;
      if (needles.length === 0) {
        return;
      }
      indexed(rows.length);
      for (let place = 0; place < visible.length; place += 1) {
        const text = texts[visible[place]];
        let at = found(text, 0);
        let begin = 0;
        let index = 0;
        while (at >= 0) {
          let end = text.indexOf(BETWEEN, begin);
          while (end >= 0 && end < at) {
            begin = end + 1;
            index += 1;
            end = text.indexOf(BETWEEN, begin);
          }
          hitRows.push(place);
          hitColumns.push(index);
          at = end < 0 ? -1 : found(text, end + 1);
        }
      }
    }

    function marked(one, isNow) {
      const node = document.createTreeWalker(one, NodeFilter.SHOW_TEXT).nextNode();
      if (node === null) {
        return;
      }
      const text = folded(node.data);
      const isSame = text.length === node.data.length;
      let rest = node;
      let from = 0;
      let at = isSame ? found(text, 0) : 0;
      while (at >= 0) {
        const length = isSame ? Math.max(...needles.filter((needle) => text.startsWith(needle, at)).map((needle) => needle.length)) : text.length;
        const match = at > from ? rest.splitText(at - from) : rest;
        rest = match.length > length ? match.splitText(length) : null;
        const mark = document.createElement("mark");
        mark.className = isNow ? "now" : "";
        match.replaceWith(mark);
        mark.append(match);
        from = at + length;
        at = rest === null ? -1 : found(text, from);
      }
    }

    function unmark() {
      for (const mark of shown.querySelectorAll("mark")) {
        const one = mark.parentNode;
        mark.replaceWith(...mark.childNodes);
        one.normalize();
      }
    }

    function render() {
      const first = page * PAGE_ROWS;
      const wanted = visible.slice(first, first + PAGE_ROWS);
      // The same rows stay as they are, but for their marks.
      if (wanted.length === copied.length && wanted.every((row, place) => row === copied[place])) {
        unmark();
      } else {
        const copies = document.createDocumentFragment();
        for (const row of wanted) {
          copies.append(rows[row].cloneNode(true));
        }
        shown.replaceChildren(copies);
        copied = wanted;
      }
      // Hits are in the order of the rows: those of this page lie together.
      let low = 0;
      let high = hitRows.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (hitRows[middle] < first) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      for (let at = low; at < hitRows.length && hitRows[at] < first + PAGE_ROWS; at += 1) {
        marked(shown.children[hitRows[at] - first].children[hitColumns[at]], at === hit);
      }
      tell();
    }

    function tell() {
      const count = pages();
      const field = tool("page");
      if (field) {
        field.max = count;
        field.value = page + 1;
        tool("page-number").value = filled(tool("page-number").dataset.pattern, { page: page + 1, pages: count });
        tool("first").disabled = tool("previous").disabled = page === 0;
        tool("next").disabled = tool("last").disabled = page === count - 1;
      }
      const all = tool("rows");
      if (all) {
        all.value = filled(all.dataset.pattern, { shown: visible.length, rows: rows.length });
      }
      const hits = tool("hits");
      if (hits) {
        const some = () => filled(hits.dataset.pattern, { hit: hit + 1, hits: hitRows.length });
        const none = needles.length > 0 ? hits.dataset.none : "";
        hits.value = hitRows.length > 0 ? some() : none;
        tool("next-hit").disabled = tool("previous-hit").disabled = hitRows.length === 0;
      }
    }

    function turn(to) {
      page = Math.min(Math.max(0, to), pages() - 1);
      render();
      scroll.scrollTop = 0;
    }

    function showHit() {
      if (hitRows.length > 0) {
        page = Math.floor(hitRows[hit] / PAGE_ROWS);
      }
      render();
      shown.querySelector("mark.now")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }

    function step(by) {
      if (hitRows.length > 0) {
        hit = (hit + by + hitRows.length) % hitRows.length;
        showHit();
      }
    }

    function sort(place, direction) {
      heads.forEach((head, index) => {
        if (index === place && direction !== 0) {
          head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        } else {
          head.removeAttribute("aria-sort");
        }
      });
      if (direction === 0) {
        sorted = natural;
        return;
      }
      const texts = values(place);
      const kind = heads[place].dataset.kind;
      const figure = (text) => Number(text.replace(/[^0-9]/g, "")) * (text.startsWith("-") ? -1 : 1);
      const inOrder = (one, other) => (one < other ? -1 : 1);
      // Years of more than four digits, which have a sign, come after all others.
      const iso = (text, order) => text.replace(/^(\d\d)\/(\d\d)\/(\+?\d+)/, order).replace(/^\+/, "~");
      const terms = tools("status").map((box) => box.parentElement.querySelector("span").textContent);
      const isStatus = heads[place].dataset.key === "status" && terms.length > 0;
      const compare = {
        figure: (one, other) => figure(one) - figure(other),
        plain: inOrder,
        day_first: (one, other) => inOrder(iso(one, "$3-$2-$1"), iso(other, "$3-$2-$1")),
        month_first: (one, other) => inOrder(iso(one, "$3-$1-$2"), iso(other, "$3-$1-$2")),
        text: (one, other) => order.compare(one, other),
      }[kind];
      const distinct = Array.from(new Set(texts)).filter((text) => text !== "");
      distinct.sort(isStatus ? (one, other) => terms.indexOf(one) - terms.indexOf(other) : compare);
      const ranks = new Map(distinct.map((text, rank) => [text, rank * direction]));
      // Empty cells are last either way.
      const rank = texts.map((text) => ranks.get(text) ?? Infinity);
      sorted = natural.slice().sort((one, other) => (rank[one] === rank[other] ? one - other : rank[one] - rank[other]));
    }

    // The accounts and statuses of the rows, and which of them are chosen.
    const boxes = tools("status");
    const accounts = tool("account");
    const statusOf = boxes.length > 0 ? values(column("status")) : [];
    const accountOf = accounts ? values(column("account_id")) : [];

    function fillFilters() {
      const counts = new Map();
      statusOf.forEach((status) => counts.set(status, (counts.get(status) ?? 0) + 1));
      for (const box of boxes) {
        box.value = box.parentElement.querySelector("span").textContent;
        const count = counts.get(box.value) ?? 0;
        box.parentElement.querySelector("small").textContent = grouped(count);
        box.parentElement.hidden = count === 0;
      }
      if (accounts) {
        const companies = new Map();
        const company = column("account_company");
        accountOf.forEach((account, row) => {
          if (account !== "" && !companies.has(account)) {
            companies.set(account, company < 0 ? "" : cell(row, company));
          }
        });
        const names = Array.from(companies.keys()).sort(order.compare);
        accounts.append(...names.map((name) => new Option([name, companies.get(name)].filter(Boolean).join(" · "), name)));
      }
    }

    function filter() {
      const chosen = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      const account = accounts ? accounts.value : "";
      const passes = (row) => (chosen.size === 0 || chosen.has(statusOf[row])) && (account === "" || accountOf[row] === account);
      visible = chosen.size > 0 || account !== "" ? sorted.filter(passes) : sorted;
      search();
      page = 0;
      showHit();
      scroll.scrollTop = hitRows.length > 0 ? scroll.scrollTop : 0;
    }

    function look(text) {
      const needle = folded(text.trim()).replaceAll(BETWEEN, "");
      needles = needle === "" ? [] : [needle];
      // A number in any spelling is found by its digits.
      const digits = needle.replace(/[^0-9]/g, "");
      if (digits.length > 3 && digits !== needle && /^[+0-9 ().\/-]+$/.test(needle)) {
        needles.push(digits);
      }
      search();
      showHit();
    }

    // What a spreadsheet would run as a formula begins with an apostrophe, numbers aside.
    const harmless = (text) => (/^[\s\0]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) && !/^\+[1-9][0-9]{6,14}$/.test(text) ? `'${text}` : text);

    async function copy(button) {
      const line = (cells) => cells.map((one) => harmless(one.textContent).replace(/[\t\r\n]+/g, " ")).join("\t");
      const captions = heads.map((head) => head.textContent).join("\t");
      const text = [captions, ...visible.map((row) => line(Array.from(rows[row].children)))].join("\n");
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const field = document.createElement("textarea");
        field.value = text;
        document.body.append(field);
        field.select();
        document.execCommand("copy");
        field.remove();
      }
      const caption = button.textContent;
      button.textContent = filled(button.dataset.pattern, { rows: visible.length });
      button.disabled = true;
      setTimeout(() => {
        button.textContent = caption;
        button.disabled = false;
      }, 1500);
    }

    function zoom(by) {
      const now = Number(root.style.getPropertyValue("--zoom") || 1);
      const to = Math.min(Math.max(0, ZOOMS.indexOf(now) + by), ZOOMS.length - 1);
      root.style.setProperty("--zoom", ZOOMS[to]);
      tool("zoom").value = `${Math.round(ZOOMS[to] * 100)}%`;
      tool("smaller").disabled = to === 0;
      tool("larger").disabled = to === ZOOMS.length - 1;
    }

    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const direction = { ascending: -1, descending: 0 }[head.getAttribute("aria-sort")] ?? 1;
        sort(place, direction);
        filter();
      });
    });
    const on = (name, event, listener) => tools(name).forEach((one) => one.addEventListener(event, () => listener(one)));
    on("first", "click", () => turn(0));
    on("previous", "click", () => turn(page - 1));
    on("next", "click", () => turn(page + 1));
    on("last", "click", () => turn(pages() - 1));
    on("page", "change", (field) => turn((parseInt(field.value, 10) || 1) - 1));
    on("find", "input", (field) => look(field.value));
    on("previous-hit", "click", () => step(-1));
    on("status", "change", filter);
    on("account", "change", filter);
    on("smaller", "click", () => zoom(-1));
    on("larger", "click", () => zoom(1));
    on("copy", "click", copy);
    on("clear", "click", () => {
      tool("form").reset();
      sort(0, 0);
      needles = [];
      filter();
    });
    tool("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      step(1);
    });
    tool("find")?.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.shiftKey) {
        event.preventDefault();
        step(-1);
      }
    });
    fillFilters();
    for (const one of section.querySelectorAll(".tools")) {
      one.hidden = false;
    }
    render();
    if (tool("find")) {
      setTimeout(indexLater, 0);
    }
  }

  document.querySelectorAll("section.rows").forEach(viewer);
  const theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = root.dataset.theme ?? (isDark ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });
})();
