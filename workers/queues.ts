/** The only place that names queues. One is enough until something slow must not hold up something urgent. */
export const queueName = "parley";

/** BullMQ's keys share a hash tag, so that they may live in a Redis Cluster. */
export const queuePrefix = "{parley}";
