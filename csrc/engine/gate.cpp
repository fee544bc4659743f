#include "engine/gate.hpp"

#include <pthread.h>

#include <unordered_set>

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
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return !state_->closed && state_->waiting == 0; });
  ++state_->inside;
}

void Gate::leave() {
  const std::lock_guard lock(state_->mutex);
  if (--state_->inside == 0) state_->changed.notify_all();
}

void Gate::close() {
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
