/* SPDX-License-Identifier: Apache-2.0 */
#include "poll_list.h"

#include <stdlib.h>

#include "atalaya/gateway/log.h"

enum { FIRST_STEP_US = 5000000 }; /* after a start, crews are not left unknown for a whole step */

struct poll_list {
    const struct config_source *settings;
    struct base_radio *radio;
    sd_event_source *timer;
    uint64_t step_us;
    unsigned next;
};

static int on_step(sd_event_source *source, uint64_t now_us, void *context)
{
    struct poll_list *list = context;
    const char *unit = list->settings->poll_units[list->next];
    struct base_radio_figures figures;
    (void)now_us;
    base_radio_figures(list->radio, &figures);
    if (figures.waiting == 0) {
        enum atalaya_result result = base_radio_poll(list->radio, unit, NULL, NULL);
        if (result != ATALAYA_OK && result != ATALAYA_E_GONE) /* of a port that is gone the log tells once */
            log_warning("source '%s': unit %s cannot be asked where it is: %s", list->settings->name, unit,
                        atalaya_result_text(result));
    }
    list->next = (list->next + 1) % list->settings->poll_unit_count;
    int error = sd_event_source_set_time_relative(source, list->step_us);
    return error < 0 ? error : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

enum atalaya_result poll_list_create(sd_event *event, const struct config_source *settings,
                                     struct base_radio *radio, struct poll_list **out)
{
    *out = NULL;
    if (settings->poll_unit_count == 0 || !(settings->poll_interval_s > 0.0))
        return ATALAYA_E_ARGUMENT;
    struct poll_list *list = calloc(1, sizeof *list);
    if (list == NULL)
        return ATALAYA_E_MEMORY;
    list->settings = settings;
    list->radio = radio;
    list->step_us = (uint64_t)(settings->poll_interval_s * 1e6 / settings->poll_unit_count);
    if (sd_event_add_time_relative(event, &list->timer, CLOCK_MONOTONIC,
                                   list->step_us < FIRST_STEP_US ? list->step_us : FIRST_STEP_US, 0, on_step,
                                   list) < 0) {
        free(list);
        return ATALAYA_E_IO;
    }
    *out = list;
    return ATALAYA_OK;
}

void poll_list_destroy(struct poll_list *list)
{
    if (list == NULL)
        return;
    list->timer = sd_event_source_disable_unref(list->timer);
    free(list);
}
