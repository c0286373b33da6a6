namespace KvStoreMesh.Lab.StatusPage;

/// <summary>Expressions that are evaluated in the page.</summary>
internal static class PageProbes
{
    /// <summary>Name, ready and counts of each row of the clusters' table.</summary>
    public const string ClusterRows = """
        [...document.querySelectorAll('#clusters tr[data-cluster]')].map(row => [row.dataset.cluster, row.dataset.ready,
          ...['nodes', 'endpoints', 'identities', 'services', 'failures'].map(name => row.querySelector(`[data-of=${name}]`).textContent)])
        """;

    /// <summary>Which element has the focus, if it is seen to have it.</summary>
    public const string Focused = """
        (() => {
          const it = document.activeElement;
          const visible = it.matches(':focus-visible') && getComputedStyle(it).outlineStyle !== 'none' && it.getBoundingClientRect().width > 0;
          return visible ? it.id || it.getAttribute('aria-labelledby') || it.className || it.getAttribute('href') : `invisible ${it.outerHTML.slice(0, 80)}`;
        })()
        """;

    /// <summary>Texts with a contrast below 4.5 to 1, and lines and frames of the picture below 3 to 1 (WCAG 2.2 AA).</summary>
    public const string FaintTexts = """
        (() => {
          const parse = text => (text.match(/[\d.]+/g) ?? []).map(Number);
          const light = ([r, g, b]) => {
            const [x, y, z] = [r, g, b].map(c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
            return 0.2126 * x + 0.7152 * y + 0.0722 * z;
          };
          const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((m, n) => n - m); return (x + 0.05) / (y + 0.05); };
          const opaque = color => color.length === 3 || color[3] > 0;
          const ground = element => {
            for (let at = element; at; at = at.parentElement) {
              const color = parse(getComputedStyle(at).backgroundColor);
              if (opaque(color)) return color;
            }
            return [255, 255, 255];
          };
          const faint = [];
          const check = (element, color, behind, least) => {
            const ratio = contrast(parse(color), behind);
            if (ratio < least) faint.push(`${element.nodeName} "${element.textContent.trim().slice(0, 40)}" ${ratio.toFixed(2)}`);
          };
          for (const element of document.querySelectorAll('body *')) {
            const own = [...element.childNodes].some(node => node.nodeType === 3 && node.nodeValue.trim());
            const style = getComputedStyle(element);
            if (element instanceof SVGElement) {
              const box = element.parentElement.querySelector(':scope > rect');
              if (element.nodeName === 'text') check(element, style.fill, box ? parse(getComputedStyle(box).fill) : ground(element.closest('svg')), 4.5);
              if (element.nodeName === 'path') check(element, style.stroke, ground(element.closest('svg')), 3);
            } else if (own && style.visibility !== 'hidden' && !element.hidden) {
              check(element, style.color, ground(element), 4.5);
            }
          }
          return faint;
        })()
        """;
}
