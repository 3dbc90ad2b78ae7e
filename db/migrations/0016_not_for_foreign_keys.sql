DROP INDEX "conversations_inbox";--> statement-breakpoint
DROP INDEX "conversations_department";--> statement-breakpoint
CREATE INDEX "conversations_inbox" ON "conversations" USING btree ("tenant_id","inbox_id") WHERE inbox_id is not null;--> statement-breakpoint
CREATE INDEX "conversations_department" ON "conversations" USING btree ("tenant_id","department_id") WHERE department_id is not null;--> statement-breakpoint
-- Its last join is between two lists of the same length; connections have hash joins off, and row by row it would be quadratic.
ALTER FUNCTION record_receipts(json, uuid[]) SET enable_hashjoin = on;
