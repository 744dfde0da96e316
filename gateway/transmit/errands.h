/* SPDX-License-Identifier: Apache-2.0 */
/* What this site has to say to radios: each errand goes out, is said again until the radio acknowledges it
 * where its protocol can, and ends. That it waits, that it was keyed, and that the radio has it are three
 * facts. Main thread. */
#ifndef ATALAYA_TRANSMIT_ERRANDS_H
#define ATALAYA_TRANSMIT_ERRANDS_H

#include "atalaya/gateway/tnc.h"
#include "atalaya/gateway/transmitter.h"
#include "routes.h"

enum {
    ERRANDS_MAX = 64,
    ERRANDS_FOR_DISTRESS = 16 /* of them */,
    ERRAND_TEXT_MAX = 256,
    ERRAND_SUBJECT_MAX = 96
};

/* What is to be said, and whose errand it is. */
struct errand_order {
    enum say_what what;
    enum transmit_priority priority;
    struct way way;
    char text[ERRAND_TEXT_MAX];
    char number[8];                   /* of the text that is acknowledged; a text of ours gets its own */
    double life_s;                    /* then its time is over */
    unsigned repeats;                 /* when the radio does not acknowledge it */
    double repeat_s;                  /* the first pause; each is twice the one before, 60 s at most */
    uint64_t owner;                   /* the owner's word for it, unused here */
    char subject[ERRAND_SUBJECT_MAX]; /* likewise: a command's id, a distress's */
};

/* How it stands. */
struct errand_news {
    const struct errand_order *order;
    bool queued, sent, confirmed;
    bool final;                  /* nothing more will come of it */
    bool waits;                  /* for some time now, because of this result */
    enum transmit_result result; /* when sent or final, or it waits */
    unsigned attempts;           /* that were keyed */
    int64_t sent_mono_ns;        /* the first sample of the first; 0 = none */
};

struct errands_setting {
    struct transmitter *const *transmitters; /* by index, NULL = none there */
    struct tnc *const *tncs;                 /* by source */
    uint64_t number_seed;                    /* numbers of texts begin there */
    /* Something came of it: sent, confirmed, or the end. Not from within errands_start. */
    void (*told)(void *context, const struct errand_news *news);
    void *context;
};

struct errands;

enum atalaya_result errands_create(const struct errands_setting *setting, struct errands **errands);
/* ATALAYA_OK: it waits, and `told` will tell. Else nothing was taken: ATALAYA_E_FULL, too much waits;
 * ATALAYA_E_GONE, the port is away; ATALAYA_E_UNSUPPORTED and the rest, it cannot be said there. */
enum atalaya_result errands_start(struct errands *errands, const struct errand_order *order);
/* A transmitter's report (from its thread, by way of a postbox). */
void errands_report(struct errands *errands, const struct transmit_report *report);
/* Does the reception acknowledge something? */
void errands_hear(struct errands *errands, const struct reception *reception);
bool errands_has(const struct errands *errands, const char *subject);
/* Ends what is about that subject without another word: there is something newer to say. */
void errands_drop(struct errands *errands, const char *subject);
/* As errands_start; what else is about its subject ends if it was taken, and goes on if not. */
enum atalaya_result errands_replace(struct errands *errands, const struct errand_order *order);
void errands_tick(struct errands *errands, int64_t now_ns);
unsigned errands_count(const struct errands *errands);
void errands_destroy(struct errands *errands); /* after TNCs, which call back to the end */

#endif
