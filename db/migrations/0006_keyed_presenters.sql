-- A plan of a function's body is kept by its connection. One that was made while a table was small scans it, and goes on
-- scanning while it grows: found as a scan of all entries for every count of unread messages. So these functions are left
-- nothing but keyed access. A migration that replaces one of them must set this again.
ALTER FUNCTION can_see(conversations, text, uuid, boolean) SET enable_seqscan = off;
--> statement-breakpoint
ALTER FUNCTION count_unread(conversations, text, uuid) SET enable_seqscan = off;
--> statement-breakpoint
ALTER FUNCTION present_conversation(conversations, text, uuid) SET enable_seqscan = off;
--> statement-breakpoint
-- The newest entry is read backwards from the end of its timeline, never sorted out of all of them.
ALTER FUNCTION present_conversation(conversations, text, uuid) SET enable_sort = off;
