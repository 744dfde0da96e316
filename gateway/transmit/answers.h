/* SPDX-License-Identifier: Apache-2.0 */
/* What a radio that called for help is told, and by which site: looks at every incident, at what the other
 * sites say of the same call, and gives the errand. Main thread. */
#ifndef ATALAYA_TRANSMIT_ANSWERS_H
#define ATALAYA_TRANSMIT_ANSWERS_H

#include "atalaya/gateway/distress.h"
#include "errands.h"
#include "neighbours.h"
#include "routes.h"

struct desk;

struct answers_setting {
    const struct config *config; /* as it stands at each call */
    struct desk *desk;
    struct routes *routes;
    struct errands *errands;
    const char *site;
};

struct answers;

enum atalaya_result answers_create(const struct answers_setting *setting, struct answers **answers);
void answers_neighbour(struct answers *answers, const struct neighbour_news *news);
/* Which brokers this site is connected to. */
void answers_links(struct answers *answers, uint32_t links);
/* Once a second, and whenever an incident may have changed. */
void answers_tick(struct answers *answers, int64_t now_ns);
/* What became of an errand of this module: owner 0, subject the distress. */
void answers_told(struct answers *answers, const struct errand_news *news);
/* Whom a radio of this site reaches, of who called. */
enum answer_reach answers_reach(const struct answers *answers, const struct distress *distress);
void answers_destroy(struct answers *answers);

#endif
