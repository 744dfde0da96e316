/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the units of a list, one after the other and for ever, where they are. Main thread. */
#ifndef ATALAYA_GATEWAY_POLL_LIST_H
#define ATALAYA_GATEWAY_POLL_LIST_H

#include <systemd/sd-event.h>

#include "atalaya/gateway/base_radio.h"
#include "atalaya/gateway/config.h"

struct poll_list;

/* settings: poll_units, each asked once in poll_interval_s; they must last, as `radio` must. A unit is left
 * out for this round while others wait for the radio: people go first. */
enum atalaya_result poll_list_create(sd_event *event, const struct config_source *settings,
                                     struct base_radio *radio, struct poll_list **list);
void poll_list_destroy(struct poll_list *list); /* NULL is allowed; before the radio */

#endif
