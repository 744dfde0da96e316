/* SPDX-License-Identifier: Apache-2.0 */
/* A link with a spool of its own and the main thread's part of the work: for tests of the link. */
#ifndef TEST_LINK_RIG_H
#define TEST_LINK_RIG_H

#include "atalaya/gateway/link.h"
#include "atalaya/gateway/spool.h"
#include "broker.h"

enum { RIG_PREFIX_ITEMS_MAX = 20000 };

struct rig;

/* The broker must be prepared; the configuration may be changed before rig_start. */
struct rig *rig_create(const struct broker *broker);
/* The same with a broker that runs already: `fake` is a mode of fake_broker.py, NULL a mosquitto for all. */
struct rig *rig_create_with_broker(struct broker *broker, const char *fake);
struct config *rig_config(struct rig *rig);
void rig_start(struct rig *rig);
struct link *rig_link(struct rig *rig);
struct spool *rig_spool(struct rig *rig);
/* Appends `count` items {"id":"<class>-<n>","delayed":false}, n counting on per class, and wakes the link. */
void rig_append(struct rig *rig, enum spool_class class, unsigned count);
/* Does the main thread's work until `seconds` are over. */
void rig_work(struct rig *rig, double seconds);
/* ... until the link is in that state, or until every item is acknowledged; false after `seconds`. */
bool rig_work_until_state(struct rig *rig, enum link_state state, double seconds);
bool rig_work_until_delivered(struct rig *rig, double seconds);
/* ... until the link's error contains `words`. */
bool rig_work_until_error(struct rig *rig, const char *words, double seconds);
size_t rig_commands(struct rig *rig, char *last_topic, size_t size, bool *retained);
/* A credential that the link reads at each attempt, which the brokers ignore when they are anonymous: without
 * the file no attempt reaches the network, so that a test can subscribe first. */
void rig_set_gate(struct rig *rig, bool open, const char *password);
void rig_stop(struct rig *rig, const char *status); /* stops and destroys */
/* The same, and its broker goes, and who listened there, or NULL. */
void rig_end(struct rig *rig, struct collector *collector, struct broker *broker);

/* Asserts that every item appended was heard, first times in order per class, none but with its own id.
 * Returns the number of duplicates. */
size_t rig_assert_all_heard(struct rig *rig, struct collector *collector);

#endif
