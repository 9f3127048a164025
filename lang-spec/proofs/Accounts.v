(* `limit` with variables: what Slicing.v asks of accounts that are shared, accounts have. An account is the list of what it has counted; Templates.v and
   Distinct.v say that the numbers which the runtime keeps answer as that list would. *)
Require Import ZArith List Bool Lia.
Import ListNotations.
Require Import Leverframe.Templates Leverframe.Slicing.
Open Scope Z_scope.

(* One account has counted all that another has, in the same order, and perhaps more. *)
Inductive counted_in {X : Type} : list X -> list X -> Prop :=
| In_none : counted_in [] []
| In_more : forall x a b, counted_in a b -> counted_in a (x :: b)
| In_both : forall x a b, counted_in a b -> counted_in (x :: a) (x :: b).

Section Shared.
Variables (V L B X : Type) (v_dec : forall x y : V, {x = y} + {x <> y}) (none : B) (candidates : L -> list (V * B)) (time : L -> Z).
(* Whether a letter counts for a value, what it brings, whether it is a call that is asked about, or judged in any case (it lacks the value); and whether what
   was counted makes it one too many. *)
Variables (counts : L -> B -> bool) (brings : L -> X) (asks refused : L -> B -> bool) (over : L -> list X -> bool).
Hypothesis Distinct : forall a, NoDup (map fst (candidates a)).
Hypothesis Fresh : forall vs : list V, exists v, ~ In v vs.

(* More that was counted is not less. *)
Hypothesis Monotone : forall a h h', counted_in h h' -> over a h = true -> over a h' = true.
(* What no longer counts at some time does not count later. *)
Variable nothing : Z -> list X -> bool.
Hypothesis Gone : forall t a h w, nothing t h = true -> t <= time a -> over a (h ++ w) = true -> over a w = true.

Definition step (a : L) (b : B) (h : list X) : list X := if counts a b then h ++ [brings a] else h.
Definition judges (a : L) (b : B) (h : list X) : bool := refused a b || (asks a b && over a h).
Notation stricter := (stricter (list X) L B time step judges).

Lemma in_refl : forall h : list X, counted_in h h.
Proof. induction h; [apply In_none|apply In_both; auto]. Qed.
Lemma in_app : forall (h h' : list X) w, counted_in h h' -> counted_in (h ++ w) (h' ++ w).
Proof. intros h h' w C. induction C; simpl; [apply in_refl|apply In_more; auto|apply In_both; auto]. Qed.
Lemma in_snoc : forall (h : list X) x, counted_in h (h ++ [x]).
Proof. induction h; intros x; simpl; [apply In_more, In_none|apply In_both; auto]. Qed.

Lemma more_is_stricter : forall t h h', counted_in h' h -> stricter t h h'.
Proof.
  intros t h h' C. apply simulation_is_stricter with (simulates := fun _ h h' => counted_in h' h); auto.
  - intros _ x y a b I _. unfold judges. rewrite !orb_true_iff, !andb_true_iff. intuition eauto.
  - intros _ x y a b I _. unfold step. destruct (counts a b); auto using in_app.
Qed.

(* Counting never makes the limit judge less. *)
Theorem counting_is_stricter : forall a b h, stricter (time a) (step a b h) h.
Proof. intros a b h. apply more_is_stricter. unfold step. destruct (counts a b); [apply in_snoc|apply in_refl]. Qed.

(* An account in which nothing counts any more may give way to any other. *)
Theorem nothing_gives_way : forall t h h', nothing t h = true -> stricter t h' h.
Proof.
  intros t h h' N.
  apply simulation_is_stricter with (simulates := fun now d e => exists t0 e0 w, t0 <= now /\ nothing t0 e0 = true /\ e = e0 ++ w /\ counted_in w d).
  - intros now d e a b (t0 & e0 & w & T & N0 & -> & C) T'. unfold judges. rewrite !orb_true_iff, !andb_true_iff. intros [J|[J J']]; auto.
    right. split; auto. apply (Monotone a w); auto. apply (Gone t0 a e0 w); auto. lia.
  - intros now d e a b (t0 & e0 & w & T & N0 & -> & C) T'. unfold step. destruct (counts a b).
    + exists t0, e0, (w ++ [brings a]). rewrite app_assoc. repeat split; auto using in_app. lia.
    + exists t0, e0, w. repeat split; auto. lia.
  - exists t, h, []. rewrite app_nil_r. repeat split; auto; [lia|]. clear. induction h'; [apply In_none|apply In_more; auto].
Qed.

(* So no call is admitted that an account of the value's own would judge. *)
Theorem limits_share_safely : forall (lawful : list L -> Prop) first,
  (forall h a, lawful (h ++ [a]) -> lawful h) -> (forall h, lawful h -> ordered L time first h) ->
  forall h a t, lawful (h ++ [a]) ->
  reached_sharing V (list X) L B v_dec none candidates time step judges [] nothing h t ->
  forall skips v, judges a (bound V L B v_dec none candidates a v) (exact V (list X) L B v_dec none candidates step [] h v) = true ->
  sharing_judges V (list X) L B v_dec none candidates time judges nothing skips a t = true.
Proof.
  intros lawful first Prefix Times h a t O R skips v J.
  eapply sharing_is_safe with (lawful := lawful) (first := first); eauto using counting_is_stricter, nothing_gives_way.
Qed.
End Shared.

(* What the three measures make of a list is monotone. *)
Section Measures.
Lemma counted_filter : forall (X : Type) (f : X -> bool) h h', counted_in h h' -> counted_in (filter f h) (filter f h').
Proof. intros X f h h' C. induction C; simpl; [apply In_none|destruct (f x); auto using In_more|destruct (f x); auto using In_both]. Qed.
Lemma counted_map : forall (X Y : Type) (f : X -> Y) h h', counted_in h h' -> counted_in (map f h) (map f h').
Proof. intros X Y f h h' C. induction C; simpl; auto using In_none, In_more, In_both. Qed.
Lemma counted_incl : forall (X : Type) (h h' : list X), counted_in h h' -> incl h h'.
Proof.
  intros X h h' C. induction C; [apply incl_refl|apply incl_tl; auto|]. intros y [<-|I]; [now left|right; auto].
Qed.

Theorem count_monotone : forall f (h h' : list Z), counted_in h h' -> (length (filter f h) <= length (filter f h'))%nat.
Proof. intros f h h' C. apply (counted_filter _ f) in C. induction C; simpl; lia. Qed.

Theorem sum_monotone : forall f (h h' : list (Z * Z)), counted_in h h' -> amounts_positive h' -> total (filter f h) <= total (filter f h').
Proof.
  intros f h h' C. unfold total. induction C as [|x a b C IH|x a b C IH]; intros P; [simpl; lia| |]; inversion P; subst; specialize (IH H2);
    simpl; destruct (f x); simpl; lia.
Qed.

Theorem distinct_monotone : forall (A : Type) (dec : forall x y : A, {x = y} + {x <> y}) f (own : list A) (h h' : list (A * Z)), counted_in h h' ->
  (length (nodup dec (map fst (filter f h) ++ own)) <= length (nodup dec (map fst (filter f h') ++ own)))%nat.
Proof.
  intros A dec f own h h' C. apply NoDup_incl_length; [apply NoDup_nodup|]. intros v. rewrite !nodup_In, !in_app_iff. intros [I|I]; auto. left.
  revert I. apply counted_incl, counted_map, counted_filter, C.
Qed.

(* In a window: once no event of an account lies in it, none does later. *)
Theorem window_is_gone : forall d t now (h w : list Z), forallb (fun u => negb (in_window d t u)) h = true -> t <= now ->
  filter (in_window d now) (h ++ w) = filter (in_window d now) w.
Proof.
  intros d t now h w N T. induction h as [|u h IH]; auto. simpl in *. apply andb_prop in N. destruct N as [N N'].
  apply negb_true_iff in N. unfold in_window in *. rewrite Z.ltb_ge in N. rewrite (proj2 (Z.ltb_ge (now - u) d)) by lia. auto.
Qed.
End Measures.

(* `limit 1 t(x: ?v) per 10`, one place. Values 1 and 2 are bound by letters 1 and 2; 1 has the place, so 2 is counted together with all others, and 3 is judged. *)
Module Example.
Record call := { at_ : Z; value : nat }.
Definition candidates (a : call) : list (nat * bool) := [(value a, true)].
Definition over (a : call) (h : list Z) : bool := (1 <=? length (filter (in_window 10 (at_ a)) h))%nat.
Definition nothing (t : Z) (h : list Z) : bool := forallb (fun u => negb (in_window 10 t u)) h.
Definition counts (_ : call) (b : bool) := b.
Definition one : call := {| at_ := 0; value := 1%nat |}.
Definition two : call := {| at_ := 1; value := 2%nat |}.
Definition t : table nat (list Z) := {| default := [1]; kept := [(1%nat, [0])] |}.
Notation step := (step call bool Z counts at_).
Notation judges := (judges call bool Z counts (fun _ _ => false) over).

Example reached_one_place : reached_sharing nat (list Z) call bool Nat.eq_dec false candidates at_ step judges [] nothing [one; two] t.
Proof.
  apply (Counts nat (list Z) call bool Nat.eq_dec false candidates at_ step judges [] nothing [one] two {| default := []; kept := [(1%nat, [0])] |}
    {| default := []; kept := [(1%nat, [0])] |}).
  - apply (Counts nat (list Z) call bool Nat.eq_dec false candidates at_ step judges [] nothing [] one (empty nat (list Z) []) (empty nat (list Z) []));
      repeat constructor.
  - constructor.
  - apply CountsTogether. constructor.
Qed.
Example three_is_judged : sharing_judges nat (list Z) call bool Nat.eq_dec false candidates at_ judges nothing (fun _ => true) {| at_ := 9; value := 3%nat |} t = true.
Proof. reflexivity. Qed.
Example later_it_is_not : sharing_judges nat (list Z) call bool Nat.eq_dec false candidates at_ judges nothing (fun _ => true) {| at_ := 11; value := 3%nat |} t = false.
Proof. reflexivity. Qed.
End Example.
