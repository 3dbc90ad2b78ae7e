import { TextInput, type TextInputProps } from "@mantine/core";
import { useMergedRef } from "@mantine/hooks";
import { useEffect, useRef, type Ref } from "react";
import { emailProblem, isEmail } from "../../server/contract/email-address.ts";

type Props = Omit<TextInputProps, "value"> & { value: string; ref?: Ref<HTMLInputElement> };

/**
 * An e-mail address, by the server's own rule: the browser's `type="email"` refuses addresses in other scripts and
 * rewrites their domains.
 */
export const EmailField = ({ label = "E-mail", value, ref, ...props }: Props) => {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const address = value.trim();
    field.current?.setCustomValidity(address === "" || isEmail(address) ? "" : `This ${emailProblem}`);
  }, [value]);
  return (
    <TextInput
      label={label}
      required
      withAsterisk={false}
      maxLength={254}
      inputMode="email"
      autoCapitalize="none"
      spellCheck={false}
      value={value}
      ref={useMergedRef(field, ref)}
      {...props}
    />
  );
};
