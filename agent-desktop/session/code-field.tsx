import { TextInput, type TextInputProps } from "@mantine/core";
import type { Ref } from "react";

type Props = Omit<TextInputProps, "value" | "onChange"> & {
  value: string;
  onChange: (code: string) => void;
  ref?: Ref<HTMLInputElement>;
};

/** Where somebody shows a code of their second factor. */
export const CodeField = ({ onChange, ...field }: Props) => (
  <TextInput
    label="Code"
    autoComplete="one-time-code"
    required
    withAsterisk={false}
    maxLength={40}
    onChange={(event) => onChange(event.currentTarget.value)}
    {...field}
  />
);
