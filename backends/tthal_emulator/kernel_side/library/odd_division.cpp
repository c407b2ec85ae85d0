// What a kernel does besides going on with the card's answer when a division has no quotient; its callers are written by
// compiler/card_arithmetic.py.
#include "tthal/border/monitor.h"

extern "C" void tthal_odd_division(uint32_t what, uint32_t place) {
    if (tthal::is_announced(tthal::MonitorEvent::ODD_DIVISION)) tthal::announce(tthal::MonitorEvent::ODD_DIVISION, place, what);
    tthal::tthal_host_odd_division(what, place);
}
