// Work on a libuv thread whose outcome is a JavaScript promise. An exception in the work becomes a rejection with a
// code.
#pragma once
#include <napi.h>

#include <functional>
#include <new>
#include <string>
#include <utility>

#include "engine/errors.h"
#include "models/config.h"
#include "node/values.h"

namespace espalier {

template <class Result>
class PromiseWorker final : public Napi::AsyncWorker {
 public:
  using Work = std::function<Result()>;
  using Finish = std::function<Napi::Value(Napi::Env, Result&&)>;

  /// Runs `work` off the JavaScript thread, then `finish` on it, whose value resolves the promise.
  static Napi::Promise start(Napi::Env env, Work work, Finish finish) {
    auto* worker = new PromiseWorker(env, std::move(work), std::move(finish));
    Napi::Promise promise = worker->deferred_.Promise();
    worker->Queue();
    return promise;
  }

 private:
  PromiseWorker(Napi::Env env, Work work, Finish finish)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        work_(std::move(work)),
        finish_(std::move(finish)) {}

  void Execute() override {
    try {
      result_ = work_();
    } catch (const ModelError& error) {
      fail(error.code, error.what());
    } catch (const EngineFailure& error) {
      fail(error.code, error.what());
    } catch (const std::bad_alloc&) {
      fail("no_memory", "out of memory");
    } catch (const std::exception& error) {
      fail("engine_error", error.what());
    }
  }

  void fail(const std::string& code, const std::string& message) {
    code_ = code;
    SetError(message);
  }

  void OnOK() override {
    Napi::HandleScope scope(Env());
    try {
      deferred_.Resolve(finish_(Env(), std::move(result_)));
    } catch (const Napi::Error& error) {
      deferred_.Reject(error.Value());
    }
  }

  void OnError(const Napi::Error& error) override {
    Napi::HandleScope scope(Env());
    error.Value().Set("code", code_);
    deferred_.Reject(error.Value());
  }

  Napi::Promise::Deferred deferred_;
  Work work_;
  Finish finish_;
  Result result_{};
  std::string code_ = "engine_error";
};

}  // namespace espalier
