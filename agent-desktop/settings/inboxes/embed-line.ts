/** The script tag that puts an inbox's widget on a page. */
export const embedLine = (server: string, key: string): string =>
  `<script async src="${server}/widget.js" data-inbox-key="${key}"></script>`;
