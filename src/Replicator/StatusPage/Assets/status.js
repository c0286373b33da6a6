// The server renders; here the new rendering is laid over the old one, element by element, so that focus, scrolling and
// a reader's place survive. Text is parsed into an inert document, and the page's policy runs nothing that is inline.
(() => {
  'use strict';
  const silence = 5000;
  const live = document.getElementById('live');
  const pause = document.getElementById('pause');
  const content = document.getElementById('content');
  let paused = false;
  let last = 0;
  let source;

  const say = (text, lost) => {
    if (live.textContent !== text) live.textContent = text;
    live.classList.toggle('lost', lost);
  };

  const lay = (over, under) => {
    for (const { name } of [...under.attributes]) if (!over.hasAttribute(name)) under.removeAttribute(name);
    for (const { name, value } of over.attributes) if (under.getAttribute(name) !== value) under.setAttribute(name, value);
    const keyed = new Map([...under.children].filter(child => child.id).map(child => [child.id, child]));
    let at = under.firstChild;
    for (const next of [...over.childNodes]) {
      const twin = next.id ? keyed.get(next.id) : at && !at.id && at.nodeName === next.nodeName ? at : null;
      if (twin && twin.nodeName === next.nodeName) {
        if (twin === at) at = at.nextSibling; else under.insertBefore(twin, at);
        if (next.nodeType === Node.ELEMENT_NODE) lay(next, twin);
        else if (twin.nodeValue !== next.nodeValue) twin.nodeValue = next.nodeValue;
      } else {
        under.insertBefore(document.adoptNode(next), at);
      }
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
  };

  const show = html => {
    last = Date.now();
    if (paused) return;
    const over = new DOMParser().parseFromString(html, 'text/html').body;
    over.id = 'content';
    lay(over, content);
    say('Live', false);
  };

  const connect = () => {
    source = new EventSource('events');
    source.addEventListener('mesh', event => show(event.data));
    source.addEventListener('error', () => {
      // Refused: the browser does not try again by itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, silence);
    });
  };

  pause.hidden = false;
  pause.addEventListener('click', () => {
    paused = !paused;
    pause.setAttribute('aria-pressed', String(paused));
    if (paused) say('Paused', false);
  });
  setInterval(() => {
    if (!paused && last && Date.now() - last > silence) {
      say(`The daemon has not answered since ${new Date(last).toLocaleTimeString()}; what is shown is of then.`, true);
    }
  }, 1000);
  last = Date.now();
  connect();
})();
