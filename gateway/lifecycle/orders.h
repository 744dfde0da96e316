/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the centres: who signed them, may that key, did it come before; then done. Main thread. */
#ifndef ATALAYA_LIFECYCLE_ORDERS_H
#define ATALAYA_LIFECYCLE_ORDERS_H

#include "atalaya/gateway/inbound.h"
#include "atalaya/gateway/site.h"
#include "atalaya/gateway/spool.h"

struct desk;
struct orders;

struct orders_setting {
    const struct config *config; /* as it stands at each call: it may be reloaded in between */
    struct spool *spool;
    struct desk *desk;
    struct site *site; /* knows whether there is a clock */
    void (*reload)(void *context);
    /* Says something by radio: fills queued and result, or refuses. NULL = there is no radio to say it with.
     */
    void (*say)(void *context, const char *centre, unsigned broker, struct inbound_command *command);
    void *context;
};

enum atalaya_result orders_create(const struct orders_setting *setting, struct orders **orders);
/* Judges what inbound_judge let pass and does it; command->refusal and detail say what became of it. broker:
 * index of the one that brought it. */
void orders_execute(struct orders *orders, unsigned broker, struct inbound_command *command);
/* Is what orders_execute was given last worth an answer? What was obeyed always is; of refusals one a second
 * for each centre, and one for all the strangers of a broker, who cannot keep a centre from hearing why. */
bool orders_answers(struct orders *orders, unsigned broker, const struct inbound_command *command);
/* What a command has said by radio came to its end: only now is it not obeyed a second time after a restart.
 */
void orders_settle(struct orders *orders, const char *id);
void orders_destroy(struct orders *orders);

#endif
