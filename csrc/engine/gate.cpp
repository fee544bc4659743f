#include "engine/gate.hpp"

#include <pthread.h>

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "engine/error.hpp"

namespace prum {
namespace {

// All gates of the process, so that a forked child can open every one of them anew. Never
// destroyed: gates may outlive static destruction.
struct Registry {
  std::mutex mutex;
  std::unordered_set<Gate*> gates;
};
Registry* registry = new Registry;

void lock_registry() { registry->mutex.lock(); }
// The gates that this thread is inside, once for each time that it entered. A function that is told
// of the progress of a search may read the gallery: it is inside already, and must not wait.
thread_local std::vector<const Gate*> entered;

bool is_inside(const Gate* gate) {
  return std::find(entered.begin(), entered.end(), gate) != entered.end();
}

void unlock_registry() { registry->mutex.unlock(); }
void start_gates_anew() {
  for (Gate* gate : registry->gates) gate->start_anew();
  registry->mutex.unlock();
}

}  // namespace

Gate::Gate() : state_(std::make_unique<State>()) {
  static const int registered = pthread_atfork(lock_registry, unlock_registry, start_gates_anew);
  static_cast<void>(registered);
  const std::lock_guard lock(registry->mutex);
  registry->gates.insert(this);
}

Gate::~Gate() {
  const std::lock_guard lock(registry->mutex);
  registry->gates.erase(this);
}

void Gate::start_anew() {
  static_cast<void>(state_.release());
  state_ = std::make_unique<State>();
}

void Gate::enter() {
  const bool again = is_inside(this);
  entered.push_back(this);
  if (again) return;
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return !state_->closed && state_->waiting == 0; });
  ++state_->inside;
}

void Gate::leave() {
  const auto place = std::find(entered.rbegin(), entered.rend(), this);
  if (place != entered.rend()) entered.erase(std::next(place).base());
  if (is_inside(this)) return;
  const std::lock_guard lock(state_->mutex);
  if (--state_->inside == 0) state_->changed.notify_all();
}

void Gate::close() {
  if (is_inside(this)) {
    throw Error(ErrorKind::invalid_input, "change_in_progress",
                "the gallery cannot be changed by the thread that is searching it");
  }
  std::unique_lock lock(state_->mutex);
  ++state_->waiting;
  state_->changed.wait(lock, [&] { return !state_->closed && state_->inside == 0; });
  --state_->waiting;
  state_->closed = true;
}

void Gate::open() {
  const std::lock_guard lock(state_->mutex);
  state_->closed = false;
  state_->changed.notify_all();
}

}  // namespace prum
