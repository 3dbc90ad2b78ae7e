import { Button, Code, CopyButton, Group } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** Text to be taken elsewhere: shown in full, copied at a click. */
export const CopyField = ({ text, label }: { text: string; label: string }) => (
  <div>
    <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} aria-label={label}>
      {text}
    </Code>
    <Group justify="flex-end" my={6}>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            size="compact-xs"
            variant="light"
            leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            onClick={copy}
          >
            {copied ? "Copied" : `Copy ${label.toLowerCase()}`}
          </Button>
        )}
      </CopyButton>
    </Group>
  </div>
);
