/** How much larger a style sheet has an element drawn; an older browser does not say, and knows no such scale. */
export function zoomOf(element: Element): number {
  return (element as { currentCSSZoom?: number }).currentCSSZoom ?? 1;
}
