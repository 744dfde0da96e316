/* SPDX-License-Identifier: Apache-2.0 */
#include "throttle.h"

#include <math.h>

bool throttle_take(struct throttle *throttle, int64_t now_ns)
{
    double gained = fmax(0.0, (double)(now_ns - throttle->since_ns) * 1e-9 * throttle->per_s);
    double spent = fmax(0.0, throttle->spent - gained);
    bool allowed = spent + 1.0 <= throttle->burst;
    throttle->spent = allowed ? spent + 1.0 : spent;
    throttle->since_ns = now_ns;
    return allowed;
}
