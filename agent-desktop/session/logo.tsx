/** Parley's mark. */
export const Logo = ({ size }: { size: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <path
      fill="#0f7065"
      d="M6 3h20a4 4 0 0 1 4 4v13a4 4 0 0 1-4 4h-9l-7.2 5.4a.9.9 0 0 1-1.4-.7V24H6a4 4 0 0 1-4-4V7a4 4 0 0 1 4-4z"
    />
    <path d="M9 10.5h14M9 16.5h8.5" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
  </svg>
);
