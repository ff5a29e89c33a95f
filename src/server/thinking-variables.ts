// Variables by which chat templates are told whether a model is to think, and how much.

/** Templates know it by one of two names. */
export function thinkingVariables(thinks: boolean): Record<string, unknown> {
  return { enable_thinking: thinks, thinking: thinks };
}

/** Templates know three levels; what is above them is the highest. */
export function effortVariable(effort: string): Record<string, unknown> {
  return { reasoning_effort: effort === 'xhigh' || effort === 'max' ? 'high' : effort };
}
